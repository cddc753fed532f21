package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real processes are killed, stopped and told to leave under load; nobody who reads a stream can tell. */
@Timeout(value = 12, unit = TimeUnit.MINUTES)
abstract class LostNodeCases {
    private static final int NODES = SharedCluster.NODES;
    private static final long SEED = Long.getLong("cheshire.seed", 20_261_123L);
    private static final KillExperiment.Runs ONCE = new KillExperiment.Runs(1, 0, 1, 1);
    private static final StreamLoad LOAD = new StreamLoad(12, 12, 32, 4000, SEED);

    private final SharedCluster shared;

    LostNodeCases(final SharedCluster shared) {
        this.shared = shared;
    }

    @Test
    void shouldGiveTheSameTokensWhenANodeWithReplicasIsKilled() throws Exception {
        check(2, Harm.KILL, 1, false);

        assertThat(shared.logOf("router"))
                .as("the router of killed nodes")
                .contains("has let go of its lifeline")
                .doesNotContain("no lifeline to node");
    }

    @Test
    void shouldGiveTheSameTokensWhenANodeWithReplicasIsStopped() throws Exception {
        check(2, Harm.STOP, 1, false);
    }

    @Test
    void shouldGiveTheSameTokensWhenANodeWithReplicasLeaves() throws Exception {
        check(2, Harm.TERMINATE, 1, false);

        assertThat(shared.logOf("expert-node-"))
                .as("the node that was told to leave")
                .contains("STOPPED: the process is stopping")
                .doesNotContain("did not leave in order", "without the coordinator's word");
    }

    @Test
    void shouldGiveTheSameTokensWhenTwoNodesAreKilledInTurn() throws Exception {
        check(2, Harm.KILL, 2, true);
    }

    @Test
    void shouldGiveTheSameTokensWhenTwoNodesWithoutCommonUnitsAreKilledAtOnce() throws Exception {
        check(2, Harm.KILL, 2, false);
    }

    @Test
    void shouldGiveTheSameTokensWhenTheOnlyHolderIsKilledAndItsUnitsAreLoadedElsewhere() throws Exception {
        check(1, Harm.KILL, 1, false);
    }

    /** Ctrl-C reaches children, too; it is their parent's to heed. */
    @Test
    void shouldGoOnWhenChildrenAreInterrupted() throws Exception {
        final ClusterProcesses cluster = shared.steady(1);
        final List<String> children = List.of("router", "coordinator", "expert-node-0", "expert-node-1");
        final List<ProcessHandle> before =
                children.stream().map(cluster::process).toList();

        children.forEach(cluster::interrupt);

        assertThat(LOAD.run(cluster.api(), List.of()))
                .allSatisfy(trace -> assertThat(trace.error()).isNull());
        assertThat(before).allMatch(ProcessHandle::isAlive);
    }

    private void check(final int replicas, final Harm harm, final int victims, final boolean inTurn) throws Exception {
        final KillExperiment.Plan plan = new KillExperiment.Plan(NODES, replicas, harm, victims, inTurn, ONCE, LOAD);
        final KillReport report = new KillExperiment(shared.steady(replicas), plan, System.out::println).run();
        assertThat(report.failedStreams())
                .as("failed streams: %s", report.table())
                .isZero();
        assertThat(report.alteredStreams())
                .as("altered streams: %s", report.table())
                .isZero();
    }
}
