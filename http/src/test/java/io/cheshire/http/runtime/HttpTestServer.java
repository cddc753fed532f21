package io.cheshire.http.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.http.core.ModelInfo;
import io.cheshire.http.core.TextModel;
import io.cheshire.http.protocol.Cors;
import io.cheshire.settings.SettingReader;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A server on free ports with a scripted engine, and a client for it. */
final class HttpTestServer implements AutoCloseable {
    static final ObjectMapper MAPPER = new ObjectMapper();
    /** The raw clients' requests name the host "a". */
    static final ApiConfig.Access KNOWN = new ApiConfig.Access(List.of("a"), Cors.off(), false);

    static final String MODEL = "cheshire-test";

    final FakeEngine engine;
    final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final FakeAdmin admin = new FakeAdmin();
    final ApiServer server;
    final OpsServer ops;
    final ConsolePlace console;
    final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** A cluster that accepts everything but moves of layer 9. */
    static final class FakeAdmin implements ClusterAdmin {
        final List<OperatorRequest> asked = new CopyOnWriteArrayList<>();
        volatile boolean away;

        @Override
        public CompletionStage<?> state() {
            return away
                    ? CompletableFuture.failedFuture(new TimeoutException("away"))
                    : CompletableFuture.completedFuture(Map.of("epoch", 1));
        }

        @Override
        public CompletionStage<AdminReply> ask(final OperatorRequest request) {
            asked.add(request);
            if (away) {
                return CompletableFuture.failedFuture(new TimeoutException("away"));
            }
            final boolean accepted = !(request instanceof final OperatorRequest.Move move)
                    || move.key().layer() != 9;
            return CompletableFuture.completedFuture(new AdminReply(accepted, 7, accepted ? "will do" : "no layer 9"));
        }
    }

    HttpTestServer(final UnaryOperator<ApiConfig> change, final TextModel text) {
        this(change, text, model(FakeEngine.CONTEXT, 0));
    }

    HttpTestServer(final UnaryOperator<ApiConfig> change, final TextModel text, final ModelInfo model) {
        this(change, ops -> ops, text, model, new FakeEngine());
    }

    /** With an engine that is told before the start what it is to do. */
    HttpTestServer(final UnaryOperator<ApiConfig> change, final TextModel text, final FakeEngine engine) {
        this(change, ops -> ops, text, model(FakeEngine.CONTEXT, 0), engine);
    }

    HttpTestServer(
            final UnaryOperator<ApiConfig> change, final UnaryOperator<OpsConfig> changeOps, final TextModel text) {
        this(change, changeOps, text, model(FakeEngine.CONTEXT, 0), new FakeEngine());
    }

    private HttpTestServer(
            final UnaryOperator<ApiConfig> change,
            final UnaryOperator<OpsConfig> changeOps,
            final TextModel text,
            final ModelInfo model,
            final FakeEngine engine) {
        this.engine = engine;
        final ApiConfig config = change.apply(SettingReader.read(ConfigFactory.load(), ApiConfig::from)
                .withPort(0)
                .withAccess(KNOWN));
        final OpsConfig opsConfig =
                changeOps.apply(SettingReader.read(ConfigFactory.load(), root -> OpsConfig.from(root, 0))
                        .withHosts(List.of("a")));
        server = ApiServer.start(
                config, engine, text, model, registry, opsConfig.figures().vllmNames());
        try {
            console = new ConsolePlace(config, opsConfig.chaos());
            ops = OpsServer.start(opsConfig, config, registry, new Self(), admin, console);
            server.appearIn(console, admin, registry);
        } catch (final RuntimeException e) {
            server.close();
            throw e;
        }
    }

    /** Ready as the API is. */
    private final class Self implements SelfReport {
        @Override
        public @Nullable String notReady() {
            return SelfReport.inWords(server.notReady());
        }

        @Override
        public Object state() {
            return Map.of("role", "test");
        }
    }

    static HttpTestServer plain() {
        return new HttpTestServer(config -> config, new ByteText());
    }

    static ModelInfo model(final int context, final int ropeBoundary) {
        return new ModelInfo(
                MODEL, 1_700_000_000L, "fp_test", ByteText.VOCAB, context, ropeBoundary, Set.of(ByteText.END));
    }

    int port() {
        return server.port();
    }

    HttpResponse<String> post(final String path, final String body, final String... headers) throws Exception {
        return post(port(), path, body, headers);
    }

    /** To the operations listener. */
    HttpResponse<String> postOps(final String path, final String body) throws Exception {
        return post(ops.port(), path, body);
    }

    private HttpResponse<String> post(final int port, final String path, final String body, final String... headers)
            throws Exception {
        final HttpRequest.Builder request = HttpRequest.newBuilder(uri(port, path))
                .timeout(Duration.ofSeconds(20))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A request without a body of any method. */
    HttpResponse<String> ask(final int port, final String method, final String path, final String... headers)
            throws Exception {
        final HttpRequest.Builder request = HttpRequest.newBuilder(uri(port, path))
                .timeout(Duration.ofSeconds(20))
                .method(method, HttpRequest.BodyPublishers.noBody());
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(final int port, final String path, final String... headers) throws Exception {
        final HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(port, path)).timeout(Duration.ofSeconds(20));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static JsonNode json(final HttpResponse<String> response) throws IOException {
        return MAPPER.readTree(response.body());
    }

    double rejected(final String reason) {
        final var counter =
                registry.find("cheshire.http.rejected").tag("reason", reason).counter();
        return counter == null ? 0 : counter.count();
    }

    private static URI uri(final int port, final String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Override
    public void close() {
        // First, since a server that ends waits a second for connections that are kept.
        client.shutdownNow();
        server.close();
        ops.close();
        engine.close();
    }
}
