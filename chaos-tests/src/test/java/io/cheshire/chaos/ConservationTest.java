package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.runtime.TestServer;
import io.cheshire.router.core.Engine.EngineStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Every row that the router counts was served exactly twice, and what requests were told agrees with the counters. */
class ConservationTest {
    private static final int REQUESTS = 60;
    private static final long SEED = Long.getLong("cheshire.seed", 77L);

    @Test
    void shouldServeEveryRowTwicePerLayerAndFreeAllBlocks() throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 16, Map.of())) {
            final List<Requests.Outcome> outcomes = run(server);
            server.awaitQuiet();

            final RowLedger ledger = RowLedger.of(server);
            ledger.assertBalanced();
            final EngineStatus status = server.status();
            assertThat(status.promptTokens()).as("prompt tokens").isEqualTo(sum(outcomes, "/prompt_tokens"));
            assertThat(status.generatedTokens()).as("tokens generated").isEqualTo(sum(outcomes, "/completion_tokens"));
            assertThat(status.cachedTokens())
                    .as("tokens found in the prefix cache")
                    .isEqualTo(sum(outcomes, "/prompt_tokens_details/cached_tokens"));
            assertThat(outcomes)
                    .allSatisfy(outcome -> assertThat(outcome.tokenIds())
                            .hasSize(outcome.usage().get("completion_tokens").intValue()));
            assertThat(status.preemptions()).isZero();
            // The last token of a sequence is never computed itself.
            final long rows = status.promptTokens() - status.cachedTokens() + status.generatedTokens() - REQUESTS;
            assertThat(ledger.computed()).as("rows, per layer").containsOnly(rows);
            assertThat(server.ops().get("/metrics").text())
                    .as("figures of a data plane on which nothing went wrong")
                    .contains("cheshire_transport_count_total{what=\"handshakes_accepted\"} 16.0")
                    .contains("cheshire_transport_count_total{what=\"links_lost\"} 0.0")
                    .containsPattern("cheshire_transport_frames_total\\{verdict=\"valid\"} [1-9]")
                    .contains("cheshire_transport_frames_total{verdict=\"bad_length\"} 0.0");
        }
    }

    @Test
    void shouldAccountForEveryAnswerThoughMostShardsAreSentTwice() throws Exception {
        final Map<String, Object> hasty = Map.of(
                "cheshire.coordinator.replicas",
                2,
                "cheshire.router.engine.hedge.min-deadline",
                "20 us",
                "cheshire.router.engine.hedge.max-deadline",
                "20 us",
                "cheshire.router.engine.hedge.budget-share",
                1.0);
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 4, hasty)) {
            server.awaitReplicas();
            run(server);
            server.awaitQuiet();

            final RowLedger ledger = RowLedger.of(server);
            ledger.assertBalanced();
            assertThat(ledger.unused())
                    .as("answers that came second, per layer")
                    .allSatisfy(rows -> assertThat(rows).isPositive());
        }
    }

    private static List<Requests.Outcome> run(final TestServer server) throws Exception {
        final Random random = new Random(SEED);
        final List<Integer> shared = Requests.randomPrompt(random, 100);
        final List<Future<Requests.Outcome>> running = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < REQUESTS; i++) {
                final ObjectNode body =
                        i % 6 == 0 ? Requests.greedy(shared.subList(0, 100 - i), 16) : Requests.random(random, 200, 24);
                running.add(clients.submit(() -> Requests.run(server, body)));
            }
        }
        final List<Requests.Outcome> outcomes = new ArrayList<>();
        for (final Future<Requests.Outcome> outcome : running) {
            outcomes.add(outcome.get());
        }
        return outcomes;
    }

    private static long sum(final List<Requests.Outcome> outcomes, final String pointer) {
        return outcomes.stream()
                .mapToLong(outcome -> outcome.usage().at(pointer).longValue())
                .sum();
    }
}
