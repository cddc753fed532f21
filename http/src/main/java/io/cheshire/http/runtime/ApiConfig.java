package io.cheshire.http.runtime;

import com.linecorp.armeria.common.TlsKeyPair;
import io.cheshire.http.protocol.Cors;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.UnknownFields;
import io.cheshire.settings.SettingReader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code cheshire.router.http}; {@code reference.conf} explains each value.
 *
 * @param api      where the API listens
 * @param ops      where operations listen
 * @param tls      certificate and key, or null for plain text
 * @param keys     keys of the API; empty: everybody may use it
 * @param keysFile more of them, which {@link #checked} reads; null: none
 * @param opsKey   key of {@code /admin} and {@code /metrics}, or null
 * @param h2c      plain-text HTTP/2 by prior knowledge
 * @param unknown  what becomes of request fields that nobody knows
 * @param access   names, pages and strangers
 * @param limits   every limit
 */
public record ApiConfig(
        ListenAddress api,
        ListenAddress ops,
        @Nullable Tls tls,
        List<ApiKey> keys,
        @Nullable Path keysFile,
        @Nullable String opsKey,
        boolean h2c,
        UnknownFields unknown,
        Access access,
        HttpLimits limits) {
    /** The section. */
    public static final String SECTION = "cheshire.router.http";

    /** For commands that have a flag for it. */
    public static final String HOST = SECTION + ".host";

    public static final String PORT = SECTION + ".port";
    public static final String OPS_PORT = SECTION + ".ops.port";
    static final String KEYS_FILE = SECTION + ".api-keys-file";
    static final String INSECURE = SECTION + ".insecure";
    static final String OPS_INSECURE = SECTION + ".ops.insecure";

    public ApiConfig {
        keys = List.copyOf(keys);
    }

    /** PEM files, read once however often they are asked for. Safe from any thread. */
    public static final class Tls {
        private final String setting;
        private final Path certificate;
        private final Path key;
        private @Nullable TlsKeyPair pair;

        /** Of the API's listener. */
        public Tls(final Path certificate, final Path key) {
            this(SECTION + ".tls", certificate, key);
        }

        /** @param setting of which {@code .certificate} and {@code .key} come, for errors */
        public Tls(final String setting, final Path certificate, final Path key) {
            this.setting = setting;
            this.certificate = certificate;
            this.key = key;
        }

        String setting() {
            return setting;
        }

        public Path certificate() {
            return certificate;
        }

        public Path key() {
            return key;
        }

        /** @throws IllegalArgumentException a file can't be read, or isn't what it should be */
        synchronized TlsKeyPair pair() {
            TlsKeyPair read = pair;
            if (read == null) {
                read = TlsKeyPair.of(key.toFile(), certificate.toFile());
                pair = read;
            }
            return read;
        }
    }

    /**
     * A key and whose it is; the tenant is the prefix cache's scope. What no request could carry, or every one would,
     * is refused.
     */
    public record ApiKey(String tenant, String key) {
        public ApiKey {
            ApiKeys.check(tenant, key);
        }
    }

    /**
     * Who may talk to the listeners beside who has a key.
     *
     * @param hosts       names under which they answer, beside loopback's
     * @param cors        pages that may use the API
     * @param insecure    the API may be open to the network without a key
     * @param opsInsecure so may operations
     * @param opsTls      certificate and key of the operations listener, or null for plain text
     */
    public record Access(
            List<String> hosts,
            Cors cors,
            boolean insecure,
            boolean opsInsecure,
            @Nullable Tls opsTls) {
        public Access {
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * Reads {@code cheshire.router.http} of a whole configuration. No file is looked at: processes without listeners
     * may have the same configuration, but not its files.
     */
    public static ApiConfig from(final SettingReader root) {
        final SettingReader http = root.section(SECTION);
        final String keysFile = http.textOrEmpty("api-keys-file");
        return new ApiConfig(
                address(http, "--port"),
                address(http.section("ops"), "--ops-port"),
                tls(http.section("tls")),
                keys(http),
                keysFile.isEmpty() ? null : Path.of(keysFile),
                opsKey(http.section("ops")),
                http.flag("h2c-prior-knowledge"),
                http.choice("unknown-fields", UnknownFields.class),
                access(http),
                HttpLimits.from(http.section("limits")));
    }

    /**
     * Reads the file of keys, and refuses what {@link ApiServer#start} would refuse, for who starts it only after a
     * model was read or a process launched.
     *
     * @return the same with the keys of the file
     * @throws IllegalArgumentException naming the file, the address or the certificate that can't be used
     */
    public ApiConfig checked() {
        final ApiConfig read = withKeysOfFile();
        read.requireKeys();
        api.requireFree();
        ops.requireFree();
        if (tls != null) {
            Certificates.load(tls, Instant.now());
        }
        if (access.opsTls != null) {
            Certificates.load(access.opsTls, Instant.now());
        }
        return read;
    }

    private ApiConfig withKeysOfFile() {
        if (keysFile == null) {
            return this;
        }
        final List<ApiKey> all = new ArrayList<>(keys);
        all.addAll(ApiKeys.readFile(keysFile));
        return new ApiConfig(api, ops, tls, all, null, opsKey, h2c, unknown, access, limits);
    }

    /**
     * Refuses a listener that the network can reach and that asks for no key.
     *
     * @throws IllegalArgumentException naming address, setting and remedies
     */
    void requireKeys() {
        if (keysFile != null) {
            throw new IllegalStateException("the keys of " + keysFile + " were not read");
        }
        if (keys.isEmpty() && !access.insecure) {
            api.requireLoopback(
                    "there are no API keys, so everybody who reaches it could use the model. Name a file of keys in "
                            + SECTION + ".api-keys-file",
                    SECTION + ".insecure");
        }
        if (opsKey == null && !access.opsInsecure) {
            ops.requireLoopback(
                    "there is no key, so everybody who reaches it could move and end the cluster's nodes. Set "
                            + SECTION + ".ops.key",
                    SECTION + ".ops.insecure");
        }
    }

    private static ListenAddress address(final SettingReader listener, final String flag) {
        return new ListenAddress(
                listener.section(), flag, listener.text("host"), listener.number("port", 0, ListenAddress.MAX_PORT));
    }

    /** The same on other ports. */
    public ApiConfig withPorts(final int apiPort, final int operationsPort) {
        return new ApiConfig(
                api.withPort(apiPort),
                ops.withPort(operationsPort),
                tls,
                keys,
                keysFile,
                opsKey,
                h2c,
                unknown,
                access,
                limits);
    }

    /** The same with another rule for request fields that nobody knows. */
    public ApiConfig withUnknownFields(final UnknownFields other) {
        return new ApiConfig(api, ops, tls, keys, keysFile, opsKey, h2c, other, access, limits);
    }

    /** The same with other limits. */
    public ApiConfig withLimits(final HttpLimits other) {
        return new ApiConfig(api, ops, tls, keys, keysFile, opsKey, h2c, unknown, access, other);
    }

    /** The same with these keys. */
    public ApiConfig withKeys(final List<ApiKey> other, final @Nullable String operationsKey) {
        return new ApiConfig(api, ops, tls, other, null, operationsKey, h2c, unknown, access, limits);
    }

    /** The same with TLS. */
    public ApiConfig withTls(final Tls other) {
        return new ApiConfig(api, ops, other, keys, keysFile, opsKey, h2c, unknown, access, limits);
    }

    /** The same for others. */
    public ApiConfig withAccess(final Access other) {
        return new ApiConfig(api, ops, tls, keys, keysFile, opsKey, h2c, unknown, other, limits);
    }

    private static @Nullable Tls tls(final SettingReader tls) {
        final String certificate = tls.textOrEmpty("certificate");
        final String key = tls.textOrEmpty("key");
        tls.require(
                certificate.isEmpty() == key.isEmpty(),
                certificate.isEmpty() ? "certificate" : "key",
                "must not be empty: " + tls.key("certificate") + " and " + tls.key("key") + " are needed together");
        return certificate.isEmpty() || key.isEmpty()
                ? null
                : new Tls(tls.section(), Path.of(certificate), Path.of(key));
    }

    private static Access access(final SettingReader http) {
        return new Access(
                http.texts("allowed-hosts"),
                Cors.from(http.section("cors")),
                http.flag("insecure"),
                http.section("ops").flag("insecure"),
                tls(http.section("ops").section("tls")));
    }

    private static @Nullable String opsKey(final SettingReader ops) {
        final String key = ops.secret("key");
        if (key.isEmpty()) {
            return null;
        }
        try {
            ApiKeys.check("ops", key);
        } catch (final IllegalArgumentException unusable) {
            ops.requireOfSecret(false, "key", String.valueOf(unusable.getMessage()));
        }
        return key;
    }

    private static List<ApiKey> keys(final SettingReader http) {
        final List<ApiKey> keys = new ArrayList<>();
        for (final SettingReader entry : http.sections("api-keys")) {
            final String tenant = entry.textOrEmpty("tenant");
            final String key = entry.secret("key");
            try {
                keys.add(new ApiKey(tenant, key));
            } catch (final IllegalArgumentException unusable) {
                entry.requireOfSecret(false, "key", String.valueOf(unusable.getMessage()));
            }
        }
        return keys;
    }
}
