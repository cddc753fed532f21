package io.cheshire.http.runtime;

import com.linecorp.armeria.common.TlsKeyPair;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.cheshire.http.protocol.Cors;
import io.cheshire.http.protocol.HttpLimits;
import io.cheshire.http.protocol.UnknownFields;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code cheshire.router.http}; {@code reference.conf} explains each value.
 *
 * @param api      where the API listens
 * @param ops      where operations listen
 * @param tls      certificate and key, or null for plain text
 * @param keys     keys of the API; empty: everybody may use it
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
        @Nullable String opsKey,
        boolean h2c,
        UnknownFields unknown,
        Access access,
        HttpLimits limits) {
    private static final String SECTION = "cheshire.router.http";

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
     * Reads the section.
     *
     * @throws ConfigException          naming the key that is wrong
     * @throws IllegalArgumentException naming the file that can't be used
     */
    public static ApiConfig from(final Config root) {
        final Config http = root.getConfig(SECTION);
        return new ApiConfig(
                apiAddress(root),
                opsAddress(root),
                tls(http, "tls"),
                keys(http),
                opsKey(http),
                http.getBoolean("h2c-prior-knowledge"),
                unknownFields(http),
                access(http),
                limits(http.getConfig("limits")));
    }

    /**
     * Refuses what {@link ApiServer#start} would refuse, for who starts it only after a model was read or a process launched.
     *
     * @return what {@link #from} reads
     */
    public static ApiConfig checked(final Config root) {
        final ApiConfig config = from(root);
        config.requireKeys();
        config.api.requireFree();
        config.ops.requireFree();
        if (config.tls != null) {
            Certificates.load(config.tls, Instant.now());
        }
        if (config.access.opsTls != null) {
            Certificates.load(config.access.opsTls, Instant.now());
        }
        return config;
    }

    /**
     * Refuses a listener that the network can reach and that asks for no key.
     *
     * @throws IllegalArgumentException naming address, setting and remedies
     */
    void requireKeys() {
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

    private static ListenAddress apiAddress(final Config root) {
        return address(root, SECTION, "--port");
    }

    private static ListenAddress opsAddress(final Config root) {
        return address(root, SECTION + ".ops", "--ops-port");
    }

    private static ListenAddress address(final Config root, final String setting, final String flag) {
        return new ListenAddress(setting, flag, root.getString(setting + ".host"), root.getInt(setting + ".port"));
    }

    /** The same on other ports. */
    public ApiConfig withPorts(final int apiPort, final int operationsPort) {
        return new ApiConfig(
                api.withPort(apiPort), ops.withPort(operationsPort), tls, keys, opsKey, h2c, unknown, access, limits);
    }

    /** The same with another rule for request fields that nobody knows. */
    public ApiConfig withUnknownFields(final UnknownFields other) {
        return new ApiConfig(api, ops, tls, keys, opsKey, h2c, other, access, limits);
    }

    /** The same with other limits. */
    public ApiConfig withLimits(final HttpLimits other) {
        return new ApiConfig(api, ops, tls, keys, opsKey, h2c, unknown, access, other);
    }

    /** The same with these keys. */
    public ApiConfig withKeys(final List<ApiKey> other, final @Nullable String operationsKey) {
        return new ApiConfig(api, ops, tls, other, operationsKey, h2c, unknown, access, limits);
    }

    /** The same with TLS. */
    public ApiConfig withTls(final Tls other) {
        return new ApiConfig(api, ops, other, keys, opsKey, h2c, unknown, access, limits);
    }

    /** The same for others. */
    public ApiConfig withAccess(final Access other) {
        return new ApiConfig(api, ops, tls, keys, opsKey, h2c, unknown, other, limits);
    }

    private static @Nullable Tls tls(final Config http, final String section) {
        final String certificate = http.getString(section + ".certificate");
        final String key = http.getString(section + ".key");
        final String setting = SECTION + "." + section;
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new ConfigException.BadValue(
                    setting, "certificate and key are needed together; one of them is empty");
        }
        return certificate.isEmpty() ? null : new Tls(setting, Path.of(certificate), Path.of(key));
    }

    private static Access access(final Config http) {
        return new Access(
                http.getStringList("allowed-hosts"),
                new Cors(http.getStringList("cors.origins")),
                http.getBoolean("insecure"),
                http.getBoolean("ops.insecure"),
                tls(http, "ops.tls"));
    }

    private static @Nullable String opsKey(final Config http) {
        final String key = http.getString("ops.key");
        if (key.isEmpty()) {
            return null;
        }
        ApiKeys.check("ops", key);
        return key;
    }

    private static List<ApiKey> keys(final Config http) {
        final List<ApiKey> keys = new ArrayList<>();
        for (final Config entry : http.getConfigList("api-keys")) {
            keys.add(new ApiKey(entry.getString("tenant"), entry.getString("key")));
        }
        final String file = http.getString("api-keys-file");
        if (!file.isEmpty()) {
            keys.addAll(ApiKeys.readFile(Path.of(file)));
        }
        return keys;
    }

    private static UnknownFields unknownFields(final Config http) {
        final String value = http.getString("unknown-fields");
        return switch (value) {
            case "refuse" -> UnknownFields.REFUSE;
            case "ignore" -> UnknownFields.IGNORE;
            default ->
                throw new ConfigException.BadValue(
                        http.origin(), SECTION + ".unknown-fields", "is '" + value + "'; it must be refuse or ignore");
        };
    }

    private static HttpLimits limits(final Config c) {
        return new HttpLimits(
                new HttpLimits.Connections(
                        c.getInt("connections"),
                        c.getInt("streams-per-connection"),
                        bytes(c, "send-buffer"),
                        bytes(c, "pipelined")),
                new HttpLimits.Timeouts(
                        ms(c, "header-timeout"),
                        ms(c, "body-timeout"),
                        ms(c, "idle-timeout"),
                        ms(c, "tls-handshake-timeout"),
                        ms(c, "request-timeout"),
                        ms(c, "write-stall-timeout"),
                        ms(c, "linger")),
                new HttpLimits.Http1(
                        bytes(c, "request-line"),
                        bytes(c, "headers"),
                        c.getInt("header-count"),
                        bytes(c, "chunk-line"),
                        bytes(c, "trailers")),
                new HttpLimits.Http2(
                        bytes(c, "http2-header-list"),
                        c.getInt("http2-resets-per-window"),
                        c.getInt("http2-control-frames-per-window"),
                        c.getInt("http2-window-updates-per-window"),
                        (int) c.getDuration("http2-window", TimeUnit.SECONDS),
                        bytes(c, "http2-stream-window"),
                        bytes(c, "http2-frame")),
                new HttpLimits.Json(
                        bytes(c, "body"),
                        c.getInt("json-depth"),
                        c.getInt("json-string-chars"),
                        c.getInt("json-number-chars"),
                        c.getInt("json-name-chars"),
                        c.getInt("json-tokens")),
                new HttpLimits.Api(
                        c.getInt("choices"),
                        c.getInt("prompts"),
                        c.getInt("sequences"),
                        c.getInt("stops"),
                        c.getInt("stop-chars"),
                        c.getInt("stop-token-ids"),
                        c.getInt("logit-bias"),
                        c.getInt("top-logprobs"),
                        c.getInt("messages"),
                        c.getInt("content-parts"),
                        bytes(c, "prompt-text"),
                        c.getInt("identifier-chars"),
                        c.getInt("event-queue"),
                        c.getInt("tokenizer-threads"),
                        c.getInt("tokenizer-queue"),
                        c.getInt("tokenizer-queue-per-tenant")),
                answers(c),
                new HttpLimits.Totals(
                        positive(c, "ops-connections"), c.getBytes("bodies-in-flight"), bytes(c, "write-stall")));
    }

    private static HttpLimits.Answers answers(final Config c) {
        final long heapBytes = Runtime.getRuntime().maxMemory();
        final long inFlight = autoBytes(c, "answers-in-flight", HttpLimits.Answers.inFlightOfHeap(heapBytes));
        return new HttpLimits.Answers(
                autoBytes(c, "answer-bytes", HttpLimits.Answers.answerOf(inFlight)),
                inFlight,
                ms(c, "stream-headers"),
                ms(c, "stream-comment"));
    }

    private static long autoBytes(final Config c, final String key, final long auto) {
        if (c.getString(key).equals("auto")) {
            return auto;
        }
        final long bytes = c.getBytes(key);
        if (bytes < 1) {
            throw new ConfigException.BadValue(
                    c.origin(), SECTION + ".limits." + key, bytes + " bytes; it must be auto or at least 1");
        }
        return bytes;
    }

    private static int bytes(final Config c, final String key) {
        final long bytes = c.getBytes(key);
        if (bytes < 1 || bytes > Integer.MAX_VALUE) {
            throw new ConfigException.BadValue(
                    c.origin(), SECTION + ".limits." + key, bytes + " bytes; it must be from 1 to 2147483647");
        }
        return (int) bytes;
    }

    private static int positive(final Config c, final String key) {
        final int value = c.getInt(key);
        if (value < 1) {
            throw new ConfigException.BadValue(
                    c.origin(), SECTION + ".limits." + key, "it is " + value + "; it must be at least 1");
        }
        return value;
    }

    private static long ms(final Config c, final String key) {
        final long ms = c.getDuration(key, TimeUnit.MILLISECONDS);
        if (ms < 1) {
            throw new ConfigException.BadValue(c.origin(), SECTION + ".limits." + key, "must be at least 1 ms");
        }
        return ms;
    }
}
