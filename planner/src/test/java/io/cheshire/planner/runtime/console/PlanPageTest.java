package io.cheshire.planner.runtime.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.http.runtime.console.PlanAsk;
import io.cheshire.http.runtime.console.PlanDesk;
import io.cheshire.http.runtime.console.PlanDeskProvider;
import io.cheshire.http.runtime.console.PlanDeskRefused;
import io.cheshire.http.runtime.console.PlanDeskSite;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanPageTest {
    private static final PlanAsk NOTHING = new PlanAsk(Map.of(), Map.of(), Map.of());

    @TempDir
    private Path directory = Path.of("");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private PlanDesk desk(final @Nullable String plan) throws IOException {
        final Path file = plan == null ? null : Files.writeString(directory.resolve("plan.conf"), plan);
        return ServiceLoader.load(PlanDeskProvider.class)
                .findFirst()
                .orElseThrow()
                .open(new PlanDeskSite(
                        TestServer.cheshireMini(), file, Duration.ofHours(1), Duration.ofHours(1), registry));
    }

    private static PlanAsk ask(final Map<String, Double> numbers, final Map<String, List<Integer>> counts) {
        return new PlanAsk(numbers, counts, Map.of("nodeClass", "h200", "routerClass", "h200"));
    }

    @Test
    void shouldPlanForWhatIsServedWhereNoPlanIsInForce() throws IOException {
        try (PlanDesk desk = desk(null)) {
            final JsonNode catalogue = desk.catalogue();
            assertThat(catalogue.get("model").asText()).isEqualTo("cheshire-mini");
            assertThat(catalogue.get("inForce").isNull()).isTrue();
            assertThat(catalogue.at("/form/nodeClass").asText()).isEqualTo("cpu");
            assertThat(catalogue.findValuesAsText("name")).contains("chat", "rag", "h200", "ffn");
            assertThat(desk.actual().get("inForce").asBoolean()).isFalse();

            final JsonNode answer = desk.screen(ask(Map.of("rate", 5.0, "prompt", 64.0, "output", 16.0), Map.of()));
            assertThat(answer.get("keeps").asBoolean()).as(answer.toString()).isTrue();
            assertThat(answer.at("/chosen/requests_per_second").asDouble()).isCloseTo(5, within(1e-9));
            assertThat(answer.at("/chosen/memory/node/weights").asDouble()).isPositive();
            assertThat(answer.get("sweep")).hasSizeGreaterThan(5);
            assertThat(answer.get("waterfall")).hasSizeGreaterThan(5);
        }
    }

    @Test
    void shouldLookAtEveryCombinationAndRefuseTooMany() throws IOException {
        try (PlanDesk desk = desk(null)) {
            final JsonNode found =
                    desk.search(ask(Map.of("rate", 5.0), Map.of("nodes", List.of(4, 8), "replicas", List.of(1, 2))));
            assertThat(found.get("looked_at").asInt()).isEqualTo(4);
            assertThat(found.get("candidates")).hasSize(4);
            assertThat(found.get("sensitivity")).isNotEmpty();

            final List<Integer> many = IntStream.rangeClosed(1, 16).boxed().toList();
            assertThatThrownBy(() ->
                            desk.search(ask(Map.of(), Map.of("nodes", many, "spares", many, "routers", List.of(1, 2)))))
                    .isInstanceOf(PlanDeskRefused.class)
                    .hasMessageContaining("more than the 256")
                    .hasMessageContaining("./cheshire plan search");
        }
    }

    @Test
    void shouldWriteValuesOfAFleetThatDoesAndNothingOfOneThatDoesNot() throws IOException {
        try (PlanDesk desk = desk(null)) {
            final PlanAsk does = ask(Map.of("rate", 5.0), Map.of("nodes", List.of(6)));
            assertThat(desk.emit(does, "helm")).contains("page Planner", "replicas: 6");
            assertThatThrownBy(() -> desk.emit(ask(Map.of("rate", 1e6), Map.of()), "helm"))
                    .isInstanceOf(PlanDeskRefused.class)
                    .hasMessageContaining("nothing is written");
            assertThatThrownBy(() -> desk.emit(does, "shell")).hasMessageContaining("target is shell");
            assertThatThrownBy(() -> desk.screen(new PlanAsk(Map.of(), Map.of(), Map.of("nodeClass", "abacus"))))
                    .isInstanceOf(PlanDeskRefused.class)
                    .hasMessageContaining("node-class")
                    .hasMessageContaining("h200");
        }
    }

    @Test
    void shouldChangeOnlyWhatIsAskedOfThePlanInForce() throws IOException {
        try (PlanDesk desk = desk("""
                plan {
                  workload { rate = 0.3, cohorts = [{ share = 1, prompt { lognormal { median = 100, sigma = 1 } } }] }
                  fleet { expert-nodes = [4], replicas = 1, routers = 1 }
                  objectives { ttft-p95 = 2s }
                }""")) {
            assertThat(desk.catalogue().get("inForce").asText()).isEqualTo("plan.conf");
            assertThat(desk.catalogue().at("/form/ttftP95Ms").asDouble()).isEqualTo(2_000);
            final JsonNode more = desk.screen(new PlanAsk(Map.of(), Map.of("nodes", List.of(8)), Map.of()));
            assertThat(more.at("/chosen/fleet/nodes").asInt()).isEqualTo(8);
            assertThat(more.at("/chosen/requests_per_second").asDouble()).isEqualTo(0.3);
            assertThat(more.at("/chosen/ttft_p95_ms/mid").asDouble())
                    .as("lengths that vary make others wait")
                    .isGreaterThan(desk.screen(new PlanAsk(
                                    Map.of("prompt", 100.0, "output", 256.0), Map.of("nodes", List.of(8)), Map.of()))
                            .at("/chosen/ttft_p95_ms/mid")
                            .asDouble());
            assertThat(desk.screen(NOTHING).at("/chosen/fleet/nodes").asInt()).isEqualTo(4);
        }
        assertThatThrownBy(() -> desk("plan { fleet { expert-nods = 4 } }"))
                .isInstanceOf(PlanDeskRefused.class)
                .hasMessageContaining("expert-nods");
    }
}
