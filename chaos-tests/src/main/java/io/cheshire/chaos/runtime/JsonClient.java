package io.cheshire.chaos.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A plain client of one listener: JSON in, JSON or a stream of events out, over HTTP/1.1. Safe from any thread. */
public final class JsonClient implements AutoCloseable {
    /** Writes and reads what this client sends and gets. */
    public static final ObjectMapper MAPPER = new ObjectMapper();

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final URI base;
    private final @Nullable String key;

    /** A client of {@code http://127.0.0.1:port} without a key. */
    public JsonClient(final int port) {
        this(port, null);
    }

    /** A client that sends {@code key} with each request. */
    public JsonClient(final int port, final @Nullable String key) {
        this(URI.create("http://127.0.0.1:" + port), key);
    }

    /** A client of a listener anywhere, such as {@code http://10.0.0.2:8000}. */
    public JsonClient(final URI base, final @Nullable String key) {
        this.base = base;
        this.key = key;
    }

    /**
     * A whole answer.
     *
     * @param status            HTTP status
     * @param text              the body
     * @param retryAfterSeconds what a refusal asks for, 0 without
     */
    public record Reply(int status, String text, long retryAfterSeconds) {
        /** The body as JSON. */
        public JsonNode json() {
            return parse(text);
        }

        /** The body as JSON, of an answer that must be a success. */
        public JsonNode ok() {
            if (status != 200) {
                throw new IllegalStateException("status " + status + ": " + text);
            }
            return json();
        }
    }

    /** {@code GET path}. */
    public Reply get(final String path) throws IOException, InterruptedException {
        return send(request(path).GET().build());
    }

    /**
     * The JSON that {@code GET path} answers with, for conditions that are awaited.
     *
     * @throws IllegalStateException the answer is an error, or this thread was interrupted
     * @throws UncheckedIOException there is no answer
     */
    public JsonNode read(final String path) {
        try {
            return get(path).ok();
        } catch (final IOException failure) {
            throw new UncheckedIOException("no answer to GET " + path, failure);
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for GET " + path, interrupted);
        }
    }

    /** {@code POST path}; {@code body} is anything Jackson writes. */
    public Reply post(final String path, final Object body) throws IOException, InterruptedException {
        return send(post(path, write(body)));
    }

    /**
     * {@code POST path} for an answer in events.
     *
     * @throws IllegalStateException the answer is an error
     */
    public EventStream stream(final String path, final Object body) throws IOException, InterruptedException {
        final HttpResponse<InputStream> response = http.send(post(path, write(body)), BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream in = response.body()) {
                throw new IllegalStateException("status " + response.statusCode() + ": "
                        + new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return new EventStream(response.body());
    }

    /** {@code GET path} for an answer that has no end. */
    public InputStream open(final String path) throws IOException, InterruptedException {
        return http.send(request(path).GET().build(), BodyHandlers.ofInputStream())
                .body();
    }

    private Reply send(final HttpRequest request) throws IOException, InterruptedException {
        final HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        return new Reply(
                response.statusCode(),
                response.body(),
                response.headers().firstValueAsLong("retry-after").orElse(0));
    }

    private HttpRequest post(final String path, final String body) {
        return request(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(final String path) {
        final HttpRequest.Builder request =
                HttpRequest.newBuilder(base.resolve(path)).timeout(ANSWER_LIMIT);
        return key == null ? request : request.header("authorization", "Bearer " + key);
    }

    private static String write(final @Nullable Object body) {
        try {
            return MAPPER.writeValueAsString(body);
        } catch (final JsonProcessingException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    static JsonNode parse(final String text) {
        try {
            return MAPPER.readTree(text);
        } catch (final JsonProcessingException cause) {
            throw new UncheckedIOException("not JSON: " + text, cause);
        }
    }

    /** Hangs up on everything that still runs. */
    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
