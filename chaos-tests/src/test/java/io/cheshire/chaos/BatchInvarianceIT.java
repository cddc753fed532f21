package io.cheshire.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.process.ClusterProcesses;
import io.cheshire.chaos.process.Harm;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.chaos.runtime.ServeProcess;
import io.cheshire.chaos.runtime.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same request gives the same bytes, whatever runs beside it and however many nodes there are; and every row was
 * served exactly twice.
 */
class BatchInvarianceIT {
    private static final Map<String, Object> BF16 = Map.of("cheshire.model.precision", "bf16");
    private static final long SEED = Long.getLong("cheshire.seed", 20_260_419L);

    /** Blocks for two long sequences: most of a crowd must wait, and some lose what they had. */
    private static final String SMALL_POOL = "704 KiB";

    private static final List<String> EXPECTED = new ArrayList<>();

    /** Every probe alone on a server with one node. */
    @BeforeAll
    static void answerAlone() throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 1, BF16)) {
            EXPECTED.addAll(Probes.answersAlone(server.api()));
            server.awaitQuiet();
            RowLedger.of(server).assertBalanced();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void shouldGiveTheSameBytesAloneAndInACrowdWithAnyNumberOfNodes(final int nodes) throws Exception {
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), nodes, BF16)) {
            Probes.checkInCrowd(server.api(), EXPECTED, SEED + nodes);
            Probes.checkAlone(server.api(), EXPECTED);
            server.awaitQuiet();
            RowLedger.of(server).assertBalanced();
        }
    }

    @Test
    void shouldGiveTheSameBytesWhenSequencesLoseTheirBlocksAndAreRecomputed() throws Exception {
        final Map<String, Object> smallPool =
                Map.of("cheshire.model.precision", "bf16", "cheshire.router.engine.kv.bytes", SMALL_POOL);
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 4, smallPool)) {
            Probes.checkInCrowd(server.api(), EXPECTED, SEED);
            Probes.checkAlone(server.api(), EXPECTED);
            server.awaitQuiet();
            assertThat(server.status().preemptions())
                    .as("preemptions, with %d blocks", server.status().kvBlocksTotal())
                    .isPositive();
            RowLedger.of(server).assertBalanced();
        }
    }

    /** The expected bytes come from a server that guesses nothing. */
    @Test
    void shouldGiveTheSameBytesWhereTokensAreGuessed() throws Exception {
        final Map<String, Object> guessing = Map.of(
                "cheshire.model.precision",
                "bf16",
                "cheshire.router.engine.speculative",
                "prompt-lookup",
                "cheshire.router.engine.prompt-lookup.min-match",
                1,
                "cheshire.router.engine.kv.bytes",
                SMALL_POOL);
        try (TestServer server = TestServer.start(TestServer.cheshireMini(), 4, guessing)) {
            Probes.checkInCrowd(server.api(), EXPECTED, SEED);
            Probes.checkAlone(server.api(), EXPECTED);
            server.awaitQuiet();
            assertThat(server.status().preemptions()).isPositive();
            assertThat(accepted(server.ops())).as("guessed tokens drawn").isPositive();
            RowLedger.of(server).assertBalanced();
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = "cheshire.test.long",
            matches = "true",
            disabledReason = "starts a cluster of its own: give -Dcheshire.test.long=true")
    void shouldGiveTheSameBytesWhereTokensAreGuessedAndANodeIsKilled(@TempDir final Path logs) throws Exception {
        final List<String> flags = List.of(
                "--nodes",
                "3",
                "--replicas",
                "2",
                "--precision",
                "bf16",
                "-Dcheshire.router.engine.speculative=prompt-lookup",
                "-Dcheshire.router.engine.prompt-lookup.min-match=1",
                "--log-dir",
                logs.toString());
        try (ClusterProcesses cluster = ClusterProcesses.start(Duration.ofMinutes(3), flags);
                ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor()) {
            cluster.awaitWhole(3, 2, Duration.ofMinutes(2));
            final Future<?> crowd = beside.submit(() -> {
                Probes.checkInCrowd(cluster.api(), EXPECTED, SEED);
                return null;
            });
            while (accepted(cluster.ops()) == 0) {
                assertThat(crowd.isDone())
                        .as("all was over before tokens were guessed")
                        .isFalse();
            }
            cluster.harm("expert-node-1", Harm.KILL);
            assertThat(crowd.isDone())
                    .as("all was over before the node was killed")
                    .isFalse();
            crowd.get();
            Probes.checkAlone(cluster.api(), EXPECTED);
        }
    }

    private static double accepted(final JsonClient ops) throws Exception {
        return ops.get("/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith("cheshire_speculation_accepted_tokens_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void shouldGiveTheSameBytesFromSeparateProcesses(@TempDir final Path logs) throws Exception {
        try (ServeProcess cluster =
                        ServeProcess.startCluster("--nodes", "3", "--precision", "bf16", "--log-dir", logs.toString());
                JsonClient api = new JsonClient(cluster.port());
                JsonClient ops = new JsonClient(cluster.opsPort())) {
            Probes.checkInCrowd(api, EXPECTED, SEED);
            Probes.checkAlone(api, EXPECTED);
            RowLedger.of(ops).assertBalanced();
            cluster.terminate();
            assertThat(cluster.exitStatus(Duration.ofSeconds(60)))
                    .as("exit status; it wrote %s", cluster.output())
                    .isZero();
            assertThat(cluster.output()).noneMatch(line -> line.contains(" ERROR ") || line.contains("killed"));
        }
    }
}
