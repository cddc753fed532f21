package io.cheshire.http.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.cheshire.settings.SettingReader;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operations listener of a process that is no router, and what both listeners count. */
class OpsServerTest {
    private static final ApiConfig EDGE = SettingReader.read(ConfigFactory.load(), ApiConfig::from);
    private static final OpsConfig OPS = SettingReader.read(ConfigFactory.load(), root -> OpsConfig.from(root, 0));

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile @Nullable String notReady = "not ready: 3 units are yet to be loaded";
    private @Nullable OpsServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        client.close();
    }

    @Test
    void shouldSayWhyTheProcessIsNotReadyAndThatItLives() throws Exception {
        start(OPS);

        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(get("/ready").statusCode()).isEqualTo(503);
        assertThat(get("/ready").body()).isEqualTo("{\"status\":\"not ready: 3 units are yet to be loaded\"}");
        notReady = null;
        assertThat(get("/ready").statusCode()).isEqualTo(200);
        assertThat(get("/ready").body()).isEqualTo("{\"status\":\"ready\"}");
    }

    @Test
    void shouldShowWhatTheProcessSaysOfItselfAndNoClusterToAsk() throws Exception {
        start(OPS);

        assertThat(get("/admin/v1/self").body()).isEqualTo("{\"role\":\"expert-node\"}");
        assertThat(get("/admin/v1/cluster").statusCode()).isEqualTo(404);
        assertThat(get("/").body())
                .contains("GET /metrics", "GET /admin/v1/self")
                .doesNotContain("cluster");
    }

    @Test
    void shouldAskForTheKeyWhereThereAreFiguresAndNotWhereProbesLook() throws Exception {
        start(OPS.withKey("ops-1"));

        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(get("/ready").statusCode()).isEqualTo(503);
        for (final String path : List.of("/metrics", "/admin/v1/self")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(401);
            assertThat(get(path, "authorization", "Bearer ops-1").statusCode())
                    .as(path)
                    .isEqualTo(200);
        }
    }

    @Test
    void shouldCountWhatItAnsweredByRouteAndStatus() throws Exception {
        start(OPS);
        get("/health");
        get("/ready");
        get("/nowhere");

        await("the responses to be counted").untilAsserted(() -> {
            assertThat(responses("/health", "200")).isEqualTo(1);
            assertThat(responses("/ready", "503")).isEqualTo(1);
            assertThat(responses("other", "404")).isEqualTo(1);
        });
        assertThat(get("/metrics").body())
                .contains("cheshire_http_responses_total{route=\"/health\",status=\"200\"} 1");
    }

    @Test
    void shouldShowTheRoutersFiguresUnderBothNamesThatVllmGaveThemIfAsked() throws Exception {
        try (HttpTestServer plain = HttpTestServer.plain();
                HttpTestServer router = new HttpTestServer(
                        config -> config, ops -> ops.withFigures(new OpsConfig.Figures(false, true)), new ByteText())) {
            assertThat(router.post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":4}")
                            .statusCode())
                    .isEqualTo(200);
            final String label = "{model_name=\"" + HttpTestServer.MODEL + "\"";
            await("the request to be counted")
                    .untilAsserted(() -> assertThat(
                                    router.get(router.ops.port(), "/metrics").body())
                            .contains("vllm:e2e_request_latency_seconds_count" + label + "} 1"));
            final String figures = router.get(router.ops.port(), "/metrics").body();

            assertThat(figures)
                    .contains(
                            "vllm:num_requests_running" + label,
                            "vllm:num_requests_waiting" + label,
                            "vllm:kv_cache_usage_perc" + label,
                            "vllm:gpu_cache_usage_perc" + label,
                            "vllm:prompt_tokens_total" + label,
                            "vllm:generation_tokens_total" + label,
                            "vllm:num_preemptions_total" + label,
                            "vllm:time_to_first_token_seconds_bucket" + label,
                            "vllm:time_to_first_token_seconds_count" + label + "} 1",
                            "vllm:inter_token_latency_seconds_bucket" + label,
                            "vllm:time_per_output_token_seconds_bucket" + label);
            assertThat(plain.get(plain.ops.port(), "/metrics").body()).doesNotContain("vllm");
        }
    }

    private double responses(final String route, final String status) {
        return registry.counter("cheshire.http.responses", "route", route, "status", status)
                .count();
    }

    private void start(final OpsConfig config) {
        server = OpsServer.start(
                config,
                EDGE,
                registry,
                new SelfReport() {
                    @Override
                    public @Nullable String notReady() {
                        return notReady;
                    }

                    @Override
                    public Object state() {
                        return Map.of("role", "expert-node");
                    }
                },
                null);
    }

    private HttpResponse<String> get(final String path, final String... headers) throws Exception {
        final HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + (server == null ? 0 : server.port()) + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
