package io.cheshire.ops.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Talks to a router's operations listener. Used by one thread; blocks. */
public final class OpsClient implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final int FIRST_ERROR = 400;

    private final HttpClient client;
    private final URI base;
    private final @Nullable String key;

    /**
     * A client.
     *
     * @param base such as {@code http://127.0.0.1:9090}
     * @param key  of the operations listener, or null where it has none
     * @param tls  which servers are believed, or null for those that this JVM believes
     * @throws IllegalArgumentException if it is no http or https address
     */
    public OpsClient(final String base, final @Nullable String key, final @Nullable SSLContext tls) {
        this.base = URI.create(base.endsWith("/") ? base.substring(0, base.length() - 1) : base);
        if (!"http".equals(this.base.getScheme()) && !"https".equals(this.base.getScheme())) {
            throw new IllegalArgumentException("--ops is " + base + "; it must start with http:// or https://");
        }
        this.key = key;
        this.client = http(tls);
    }

    /** A plain client. */
    public static HttpClient http(final @Nullable SSLContext tls) {
        final HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1);
        return tls == null ? builder.build() : builder.sslContext(tls).build();
    }

    /** {@code GET /admin/v1/cluster}. */
    public JsonNode cluster() throws InterruptedException {
        return send(request("/admin/v1/cluster").GET().build());
    }

    /**
     * {@code POST /admin/v1/cluster/WHAT}.
     *
     * @throws IllegalArgumentException with the server's words when it refuses
     */
    public JsonNode post(final String what, final Map<String, Object> body) throws InterruptedException {
        try {
            return send(request("/admin/v1/cluster/" + what)
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(MAPPER.writeValueAsBytes(body)))
                    .build());
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a map of numbers and strings is always writable", e);
        }
    }

    private HttpRequest.Builder request(final String path) {
        final HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT);
        return key == null ? request : request.header("authorization", "Bearer " + key);
    }

    private JsonNode send(final HttpRequest request) throws InterruptedException {
        final HttpResponse<byte[]> response;
        final JsonNode body;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            body = MAPPER.readTree(response.body());
        } catch (final IOException e) {
            throw new IllegalArgumentException(
                    "no answer from " + base + " (" + e.getMessage()
                            + "); start a server, or give the operations address of a router with --ops URL"
                            + (e instanceof SSLException
                                    ? " and the authority of its certificate with --ops-ca FILE"
                                    : ""),
                    e);
        }
        if (response.statusCode() >= FIRST_ERROR) {
            throw new IllegalArgumentException(response.statusCode() + " from " + base + ": "
                    + body.path("error").path("message").asText("no reason given"));
        }
        return body;
    }

    @Override
    public void close() {
        client.close();
    }
}
