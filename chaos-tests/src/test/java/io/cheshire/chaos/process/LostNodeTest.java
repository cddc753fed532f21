package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes are killed, stopped and told to leave under load; nobody who reads a stream can tell. */
@Timeout(value = 12, unit = TimeUnit.MINUTES)
class LostNodeTest {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_123L);
    private static final KillExperiment.Runs ONCE = new KillExperiment.Runs(1, 0, 1, 1);
    private static final StreamLoad LOAD = new StreamLoad(12, 12, 32, 4000, SEED);

    @Test
    void shouldGiveTheSameTokensWhenANodeWithReplicasIsKilledOrStoppedOrLeaves(@TempDir final Path logs)
            throws Exception {
        try (ClusterProcesses cluster = start(4, 2, logs)) {
            for (final String child : List.of("router", "coordinator", "expert-node-0", "expert-node-1")) {
                cluster.interrupt(child); // Ctrl-C reaches children, too; it is their parent's to heed
            }
            for (final Harm harm : Harm.values()) {
                check(cluster, new KillExperiment.Plan(4, 2, harm, 1, false, ONCE, LOAD));
            }
            check(cluster, new KillExperiment.Plan(4, 2, Harm.KILL, 2, true, ONCE, LOAD));
            check(cluster, new KillExperiment.Plan(4, 2, Harm.KILL, 2, false, ONCE, LOAD));
        }
        assertThat(everythingIn(logs, "router*.log"))
                .as("the router of killed nodes")
                .contains("has let go of its lifeline")
                .doesNotContain("no lifeline to node");
        assertThat(everythingIn(logs, "expert-node-*.log"))
                .as("the node that was told to leave")
                .contains("STOPPED: the process is stopping")
                .doesNotContain("did not leave in order", "without the coordinator's word");
    }

    private static String everythingIn(final Path logs, final String names) throws IOException {
        final StringBuilder all = new StringBuilder();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(logs, names)) {
            for (final Path log : found) {
                all.append(Files.readString(log));
            }
        }
        return all.toString();
    }

    @Test
    void shouldGiveTheSameTokensWhenTheOnlyHolderIsKilledAndItsUnitsAreLoadedElsewhere(@TempDir final Path logs)
            throws Exception {
        try (ClusterProcesses cluster = start(3, 1, logs)) {
            check(cluster, new KillExperiment.Plan(3, 1, Harm.KILL, 1, false, ONCE, LOAD));
        }
    }

    static ClusterProcesses start(final int nodes, final int replicas, final Path logs) throws Exception {
        return ClusterProcesses.start(
                START_LIMIT,
                List.of(
                        "--nodes",
                        Integer.toString(nodes),
                        "--replicas",
                        Integer.toString(replicas),
                        "--restart-after",
                        "1",
                        "--log-dir",
                        logs.toString()));
    }

    private static void check(final ClusterProcesses cluster, final KillExperiment.Plan plan) throws Exception {
        final KillReport report = new KillExperiment(cluster, plan, System.out::println).run();
        assertThat(report.failedStreams())
                .as("failed streams: %s", report.table())
                .isZero();
        assertThat(report.alteredStreams())
                .as("altered streams: %s", report.table())
                .isZero();
    }
}
