package io.cheshire.ops.runtime;

import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import java.net.http.HttpClient;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How a process reaches the operations listener of a router that has its own configuration: with the key and the
 * certificate that stand there.
 *
 * @param address such as {@code http://localhost:9090}
 * @param key     or null where none is configured
 * @param tls     or null for plain text
 */
public record OwnOps(
        String address, @Nullable String key, @Nullable SSLContext tls) {

    /** @param port where the listener really is */
    public static OwnOps of(final OpsConfig config, final int port) {
        final ApiConfig.Tls tls = config.tls();
        return new OwnOps(
                config.url(port), config.key(), tls == null ? null : TrustedCertificates.exactly(tls.certificate()));
    }

    /** A client that asks and is believed. */
    public OpsClient client() {
        return new OpsClient(address, key, tls);
    }

    /** For requests of other kinds. */
    public HttpClient http() {
        return OpsClient.http(tls);
    }
}
