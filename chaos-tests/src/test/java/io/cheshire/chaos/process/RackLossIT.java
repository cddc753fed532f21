package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.runtime.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * All nodes of a rack are killed at once under load, and once the coordinator with them; nobody who reads a stream can
 * tell. Two racks of two nodes, two coordinators, every unit on two nodes.
 */
@Timeout(value = 12, unit = TimeUnit.MINUTES)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(
        named = "cheshire.test.long",
        matches = "true",
        disabledReason = "takes minutes: give -Dcheshire.test.long=true")
class RackLossIT {
    private static final int NODES = 4;
    private static final int COPIES = 2;
    private static final Duration START_LIMIT = Duration.ofMinutes(4);
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_129L);
    private static final StreamLoad LOAD = new StreamLoad(12, 12, 32, 4000, SEED);
    private static final Comparison ALL_THE_SAME = new Comparison(0, 0, "");

    private ClusterProcesses cluster;

    @BeforeAll
    void start() throws Exception {
        final Path logs = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "rack-logs");
        cluster = ClusterProcesses.start(
                START_LIMIT,
                List.of(
                        "--nodes",
                        Integer.toString(NODES),
                        "--replicas",
                        Integer.toString(COPIES),
                        "--racks",
                        "2",
                        "--coordinators",
                        "2",
                        "--restart-after",
                        "1",
                        "--log-dir",
                        logs.toAbsolutePath().toString()));
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void shouldGiveTheSameTokensWhenAllNodesOfARackAreKilledAtOnce() throws Exception {
        check(List.of("expert-node-0", "expert-node-2"));
    }

    @Test
    void shouldGiveTheSameTokensWhenTheCoordinatorIsKilledWithItsRack() throws Exception {
        check(List.of("coordinator", "expert-node-1", "expert-node-3"));
    }

    private void check(final List<String> victims) throws Exception {
        awaitApart();
        LOAD.run(cluster.api(), List.of()); // warms up
        final List<StreamTrace> expected = LOAD.run(cluster.api(), List.of());
        assertThat(expected).allSatisfy(trace -> assertThat(trace.error()).isNull());
        final List<ProcessHandle> before =
                victims.stream().map(cluster::process).toList();

        final List<StreamTrace> traces =
                LOAD.run(cluster.api(), List.of(() -> victims.forEach(name -> cluster.harm(name, Harm.KILL))));

        assertThat(Comparison.of(traces, expected)).isEqualTo(ALL_THE_SAME);
        assertThat(before).as("killed while the streams ran").noneMatch(ProcessHandle::isAlive);
        awaitApart();
        assertThat(Comparison.of(LOAD.run(cluster.api(), List.of()), expected)).isEqualTo(ALL_THE_SAME);
    }

    /** All nodes serve, and every unit is in both racks. */
    private void awaitApart() throws InterruptedException {
        cluster.awaitWhole(NODES, COPIES, LIMIT);
        final List<JsonNode> seen = new ArrayList<>();
        Await.until(
                "every unit is in both racks",
                LIMIT,
                Await.CLUSTER_POLL,
                () -> {
                    seen.addFirst(cluster.ops().read("/admin/v1/cluster").get("survival"));
                    return seen.getFirst().get("anyDomain").booleanValue()
                            && seen.getFirst().get("domains").size() == 2;
                },
                () -> seen.getFirst().toString());
    }
}
