package io.cheshire.http.runtime;

import com.linecorp.armeria.common.TlsKeyPair;
import io.cheshire.http.protocol.Cors;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.UnknownFields;
import io.cheshire.http.runtime.store.StoreConfig;
import io.cheshire.settings.SettingReader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code cheshire.router.http}; {@code reference.conf} explains each value.
 *
 * @param api      where it listens
 * @param tls      certificate and key, or null for plain text
 * @param keys     keys of the API; empty: everybody may use it
 * @param keysFile more of them, which {@link #checked} reads; null: none
 * @param h2c      plain-text HTTP/2 by prior knowledge
 * @param unknown  what becomes of request fields that nobody knows
 * @param access   names, pages and strangers
 * @param limits   every limit
 * @param store    what is kept between requests
 */
public record ApiConfig(
        ListenAddress api,
        @Nullable Tls tls,
        List<ApiKey> keys,
        @Nullable Path keysFile,
        boolean h2c,
        UnknownFields unknown,
        Access access,
        HttpLimits limits,
        StoreConfig store) {
    /** The section. */
    public static final String SECTION = "cheshire.router.http";

    /** For commands that have a flag for it. */
    public static final String HOST = SECTION + ".host";

    public static final String PORT = SECTION + ".port";
    static final String KEYS_FILE = SECTION + ".api-keys-file";
    static final String INSECURE = SECTION + ".insecure";

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

        /** Reads a section; null where it names no files. */
        static @Nullable Tls from(final SettingReader tls) {
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
     * Who may talk to the API beside who has a key.
     *
     * @param hosts    names under which the API answers, beside loopback's
     * @param cors     pages that may use it
     * @param insecure it may be open to the network without a key
     */
    public record Access(List<String> hosts, Cors cors, boolean insecure) {
        public Access {
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * Reads {@code cheshire.router.http} of a whole configuration. No file is looked at: processes without the API
     * may have the same configuration, but not its files.
     */
    public static ApiConfig from(final SettingReader root) {
        final SettingReader http = root.section(SECTION);
        final String keysFile = http.textOrEmpty("api-keys-file");
        return new ApiConfig(
                new ListenAddress(
                        http.section(), "--port", http.text("host"), http.number("port", 0, ListenAddress.MAX_PORT)),
                Tls.from(http.section("tls")),
                keys(http),
                keysFile.isEmpty() ? null : Path.of(keysFile),
                http.flag("h2c-prior-knowledge"),
                http.choice("unknown-fields", UnknownFields.class),
                access(http),
                HttpLimits.from(http.section("limits")),
                StoreConfig.from(http.section("store")));
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
        if (tls != null) {
            Certificates.load(tls, Instant.now());
        }
        return read;
    }

    private ApiConfig withKeysOfFile() {
        if (keysFile == null) {
            return this;
        }
        final List<ApiKey> all = new ArrayList<>(keys);
        all.addAll(ApiKeys.readFile(keysFile));
        return new ApiConfig(api, tls, all, null, h2c, unknown, access, limits, store);
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
    }

    /** The same on another port. */
    public ApiConfig withPort(final int port) {
        return new ApiConfig(api.withPort(port), tls, keys, keysFile, h2c, unknown, access, limits, store);
    }

    /** The same with another rule for request fields that nobody knows. */
    public ApiConfig withUnknownFields(final UnknownFields other) {
        return new ApiConfig(api, tls, keys, keysFile, h2c, other, access, limits, store);
    }

    /** The same with other limits. */
    public ApiConfig withLimits(final HttpLimits other) {
        return new ApiConfig(api, tls, keys, keysFile, h2c, unknown, access, other, store);
    }

    /** The same that keeps things elsewhere, or otherwise. */
    public ApiConfig withStore(final StoreConfig other) {
        return new ApiConfig(api, tls, keys, keysFile, h2c, unknown, access, limits, other);
    }

    /** The same with these keys. */
    public ApiConfig withKeys(final List<ApiKey> other) {
        return new ApiConfig(api, tls, other, null, h2c, unknown, access, limits, store);
    }

    /** The same with TLS. */
    public ApiConfig withTls(final Tls other) {
        return new ApiConfig(api, other, keys, keysFile, h2c, unknown, access, limits, store);
    }

    /** The same for others. */
    public ApiConfig withAccess(final Access other) {
        return new ApiConfig(api, tls, keys, keysFile, h2c, unknown, other, limits, store);
    }

    private static Access access(final SettingReader http) {
        return new Access(http.texts("allowed-hosts"), Cors.from(http.section("cors")), http.flag("insecure"));
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
