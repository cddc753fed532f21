package io.cheshire.benchmarks.serve.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.client.WebClientBuilder;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.benchmarks.serve.core.CompletionCollector;
import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.PromptTokens;
import io.cheshire.benchmarks.serve.core.RequestResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * Sends completion requests to one server over HTTP/1.1, one connection per request in flight, so that a client that
 * leaves closes its connection as a browser would. Thread-safe; answers are followed on Netty's event loops, where
 * tokens get their times.
 */
public final class CompletionClient implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();

    private final ClientFactory factory;
    private final WebClient web;
    private final String path;
    private final Target target;
    private final PromptTokens prompts;

    /**
     * Whom to ask, and how.
     *
     * @param url         base address, with or without {@code /v1}
     * @param apiKey      sent as a bearer token; empty for none
     * @param model       the model's name in requests
     * @param temperature 0 for greedy
     * @param timeout     most time a request may take, from its sending
     * @param continuous  asks for the count of tokens in every chunk
     */
    public record Target(
            URI url, String apiKey, String model, double temperature, Duration timeout, boolean continuous) {}

    public CompletionClient(final Target target, final PromptTokens prompts) {
        this.target = target;
        this.prompts = prompts;
        this.factory = ClientFactory.builder()
                .connectTimeout(Duration.ofSeconds(5))
                .idleTimeout(Duration.ofSeconds(60))
                .build();
        this.web = builder(target.url())
                .factory(factory)
                .responseTimeout(target.timeout())
                .writeTimeout(target.timeout())
                .maxResponseLength(0)
                .build();
        this.path = basePath(target.url()) + "/completions";
    }

    /**
     * Sends one request.
     *
     * @param originNs {@link System#nanoTime()} at the start of the run
     * @return completes when the request ended, well or badly; never exceptionally
     */
    public CompletableFuture<RequestResult> send(final PlannedRequest request, final long originNs) {
        final HttpData body = HttpData.wrap(body(request));
        final RequestHeadersBuilder headers =
                RequestHeaders.builder(HttpMethod.POST, path).contentType(MediaType.JSON);
        headers.add(HttpHeaderNames.ACCEPT, MediaType.EVENT_STREAM.toString());
        if (!target.apiKey().isEmpty()) {
            headers.add(HttpHeaderNames.AUTHORIZATION, "Bearer " + target.apiKey());
        }
        final CompletionCollector collector = new CompletionCollector(request, System.nanoTime() - originNs);
        final AnswerSubscriber subscriber = new AnswerSubscriber(collector, originNs);
        web.execute(HttpRequest.of(headers.build(), body)).subscribe(subscriber);
        return subscriber.result();
    }

    private byte[] body(final PlannedRequest request) {
        final int input = request.shape().inputTokens();
        final ByteArrayOutputStream out = new ByteArrayOutputStream(256 + input * 6);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("model", target.model());
            json.writeArrayFieldStart("prompt");
            for (int i = 0; i < input; i++) {
                json.writeNumber(prompts.tokenAt(request, i));
            }
            json.writeEndArray();
            json.writeNumberField("max_tokens", request.shape().outputTokens());
            json.writeBooleanField("ignore_eos", true);
            json.writeNumberField("temperature", target.temperature());
            json.writeNumberField("seed", (int) (prompts.seed() + request.index()) & Integer.MAX_VALUE);
            json.writeBooleanField("stream", true);
            json.writeObjectFieldStart("stream_options");
            json.writeBooleanField("include_usage", true);
            if (target.continuous()) {
                json.writeBooleanField("continuous_usage_stats", true);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (final IOException impossible) {
            throw new UncheckedIOException("a byte array doesn't fail", impossible);
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        factory.close();
    }

    /** A client of that server which speaks HTTP/1.1 and doesn't try to upgrade. */
    static WebClientBuilder builder(final URI url) {
        final String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        final String protocol = switch (scheme) {
            case "http" -> "h1c";
            case "https" -> "h1";
            default ->
                throw new BenchException(
                        "--url " + url + " is no http or https address: give one such as" + " http://127.0.0.1:8000");
        };
        if (url.getRawAuthority() == null) {
            throw new BenchException("--url " + url + " names no host: give one such as http://127.0.0.1:8000");
        }
        return WebClient.builder(protocol + "://" + url.getRawAuthority());
    }

    /** {@code /v1}, below the path of the address where it has one. */
    static String basePath(final URI url) {
        final String raw = url.getRawPath() == null ? "" : url.getRawPath();
        final String path = raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
        return path.endsWith("/v1") ? path : path + "/v1";
    }
}
