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
import java.util.Arrays;
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

    private static final String AZURE = """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 18:15:46.6805900,374,44
            2023-11-16 18:15:50.9951690,96,109
            2023-11-16 18:15:51.2224670,79,55
            2023-11-16 18:15:54.3910000,131,16
            """;

    /** One trace of each kind: what Microsoft, BurstGPT and Mooncake published, and what bench serve writes. */
    @Test
    void shouldPlanWithTheArrivalsAndLengthsOfATraceOfEachKind() throws IOException {
        final String mooncake = """
                {"timestamp": 0, "input_length": 600, "output_length": 5, "hash_ids": [1, 2]}
                {"timestamp": 1000, "input_length": 600, "output_length": 5, "hash_ids": [1, 3]}
                """;
        final String burst = """
                Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
                5,ChatGPT,472,18,490,Conversation log
                45,ChatGPT,1087,0,1087,Conversation log
                118,GPT-4,417,276,693,Conversation log
                """;
        final String own = "index,arrival_s,sent_s,prompt_tokens,asked_tokens\n0,0.0,0,10,4\n1,0.5,0,30,4\n";
        try (PlanDesk desk = desk("plan { fleet { racks = 4 } }")) {
            assertThat(desk.trace("burst.csv", burst).get("requests").asInt()).isEqualTo(2);
            assertThat(desk.trace("own.csv", own).get("perSecond").asDouble()).isEqualTo(2);
            final JsonNode shared = desk.trace("mooncake.jsonl", mooncake);
            assertThat(shared.get("prefixShare").asDouble()).isCloseTo(512.0 / 1_200, within(1e-9));
            final JsonNode kept = desk.trace("azure.csv", AZURE);
            assertThat(kept.get("perSecond").asDouble()).isCloseTo(3 / 7.710_41, within(1e-4));
            assertThat(kept.get("prompt").asDouble()).isEqualTo(170);
            assertThat(desk.catalogue().get("traces")).hasSize(4);

            final JsonNode answer = desk.screen(traced(kept, Map.of()));

            assertThat(answer.get("load").asText()).startsWith("azure.csv, 4 requests");
            assertThat(answer.at("/chosen/requests_per_second").asDouble()).isCloseTo(3 / 7.710_41, within(1e-4));
            // Played faster, and its lengths stay its own whatever else the form says of them.
            assertThat(desk.screen(traced(kept, Map.of("rate", 2.0, "prompt", 1.0, "output", 1.0)))
                            .at("/chosen/requests_per_second")
                            .asDouble())
                    .isEqualTo(2);
            assertThat(desk.screen(traced(shared, Map.of("rate", 2.0)))
                            .at("/chosen/ttft_p50_ms")
                            .asDouble())
                    .as("what prompts share isn't computed again")
                    .isLessThan(desk.screen(traced(shared, Map.of("rate", 2.0, "prefixTokens", 0.0)))
                            .at("/chosen/ttft_p50_ms")
                            .asDouble());
            assertThat(desk.emit(traced(kept, Map.of()), "helm")).contains("replicas: 16");
        }
    }

    private static PlanAsk traced(final JsonNode trace, final Map<String, Double> numbers) {
        return new PlanAsk(numbers, Map.of(), Map.of("trace", trace.get("id").asText()));
    }

    @Test
    void shouldNameLineValueAndRemedyOfATraceThatCanNotBeUsed() throws IOException {
        try (PlanDesk desk = desk(null)) {
            for (final String[] wrong : new String[][] {
                {AZURE + "2023-11-16 18:15:55,many,16\n", "a.csv, line 6", "many"},
                {AZURE + "2023-11-16 18:15:10,5,16\n", "line 6", "time runs backwards"},
                {AZURE + "2023-11-16 18:15:55,0,16\n", "line 6", "at least one token in"},
                {AZURE + "2023-11-16 18:15:55,99999999999,16\n", "line 6", "99999999999"},
                {"{\"timestamp\": 0, \"input_length\": 5}\n", "line 1", "one out"},
                {"{\"timestamp\": 9223372036854775807, \"input_length\": 5, \"output_length\": 5}\n", "line 1"},
                {"{\"timestamp\": 0, \"input_length\": 5, \"output_length\": 5, \"hash_ids\": [[]]}\n", "line 1"},
                {"Timestamp,Request tokens,Response tokens\n1e999999999,5,5\n", "line 2", "\"1e999999999\" is no time"},
                {"Timestamp,Request tokens,Response tokens\n1e-99999999,5,5\n", "line 2", "is no time"},
                {"Timestamp,Request tokens,Response tokens\n" + "1".repeat(1 << 20) + ",5,5\n", "line 2", "40 digits"},
                {"Timestamp,Request tokens,Response tokens\n-1e30,5,5\n2e9,5,5\n", "line 2"},
                {"Timestamp,Request tokens,Response tokens\n-9e9,5,5\n9e9,5,5\n", "line 3", "292 years"},
                {"TIMESTAMP,ContextTokens,GeneratedTokens\n1750-01-01 00:00:00,1,1\n2200-01-01 00:00:00,1,1\n", "line 3"
                },
                {"\"a,Timestamp,Request tokens,Response tokens,b\"\n1,2,3\n", "line 1", "quotes hide"},
                {"Timestamp,Request tokens,Response tokens\n5\n", "line 2"},
                {"Timestamp,Request tokens,Response tokens\n\"1,5,5\n", "a.csv"},
                {"time,in,out\n1,2,3\n", "starts with \"time,in,out\"", "TIMESTAMP,ContextTokens"},
                {"TIMESTAMP,ContextTokens,GeneratedTokens\n", "0 requests", "at least two"},
                {"Timestamp,Request tokens,Response tokens\n5,5,5\n5,5,5\n", "within no time"}
            }) {
                assertThatThrownBy(() -> desk.trace("a.csv", wrong[0]))
                        .as(wrong[0])
                        .isInstanceOf(PlanDeskRefused.class)
                        .hasMessageContainingAll(Arrays.copyOfRange(wrong, 1, wrong.length))
                        .hasMessageContaining("Mooncake's JSONL");
            }
            assertThatThrownBy(() -> desk.screen(new PlanAsk(Map.of(), Map.of(), Map.of("trace", "0123456789abcdef"))))
                    .isInstanceOf(PlanDeskRefused.class)
                    .hasMessageContaining("upload it again");
            for (int i = 0; i < 20; i++) {
                desk.trace("a.csv", AZURE + "2023-11-16 18:16:" + (10 + i) + ",5,16\n");
            }
            assertThat(desk.catalogue().get("traces")).hasSize(16);
        }
    }

    @Test
    void shouldSimulateAFleetForPicturesOfIt() throws IOException {
        try (PlanDesk desk = desk(null)) {
            final JsonNode run = desk.simulate(new PlanAsk(
                            Map.of("rate", 20.0, "prompt", 16.0, "output", 8.0),
                            Map.of("nodes", List.of(3), "replicas", List.of(1), "routers", List.of(1)),
                            Map.of()))
                    .get("simulated");

            final JsonNode last = run.at("/cdf/ttft").get(run.at("/cdf/ttft").size() - 1);
            assertThat(last.get(0).asDouble()).isEqualTo(1);
            assertThat(last.get(1).asDouble())
                    .isGreaterThanOrEqualTo(run.at("/ttft_ms/p99").asDouble() * 0.999);
            assertThat(run.at("/use/devices")).hasSize(4);
            assertThat(run.at("/expert_rows/0")).hasSize(16);
            assertThatThrownBy(() -> desk.simulate(ask(Map.of(), Map.of("nodes", List.of(65)))))
                    .isInstanceOf(PlanDeskRefused.class);
        }
    }

    /** What is kept from one answer to the next may make it soon, and nothing else. */
    @Test
    void shouldAnswerTheSameWhatHasBeenAskedBefore() throws IOException {
        final PlanAsk asked = ask(Map.of("rate", 5.0), Map.of("nodes", List.of(6), "racks", List.of(3)));
        final String alone;
        try (PlanDesk desk = desk(null)) {
            alone = desk.screen(asked).toString();
        }
        try (PlanDesk desk = desk(null)) {
            desk.screen(ask(Map.of("rate", 2.0), Map.of("nodes", List.of(6), "racks", List.of(2))));
            desk.screen(
                    ask(Map.of("rate", 3.0, "routingAlpha", 1.0), Map.of("nodes", List.of(6), "racks", List.of(3))));
            desk.screen(ask(Map.of("rate", 9.0), Map.of("nodes", List.of(6), "racks", List.of(3))));
            desk.screen(new PlanAsk(Map.of(), Map.of("nodes", List.of(6), "racks", List.of(3)), Map.of()));
            assertThat(desk.screen(asked).toString()).isEqualTo(alone);
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
