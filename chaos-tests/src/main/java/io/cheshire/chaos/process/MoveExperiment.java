package io.cheshire.chaos.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Runs the same greedy streams again and again on a cluster of processes while every unit is moved to another node, and
 * compares token ids and gaps with runs in which nothing was moved. On demand the coordinator is killed in the midst of
 * moves. One thread, and one more for the moves.
 */
final class MoveExperiment {
    private static final Duration WHOLE_LIMIT = Duration.ofMinutes(3);
    /** So many runs at most: the moves are over long before. */
    private static final int MOST_RUNS = 1000;

    private final ClusterProcesses cluster;
    private final Plan plan;
    private final Consumer<String> progress;

    /**
     * What to do.
     *
     * @param nodes        expert nodes of the cluster
     * @param replicas     nodes that hold each unit
     * @param baselineRuns runs before anything is moved
     * @param batchUnits   units that are asked to move at a time
     * @param kills        times that the coordinator is killed right after it was asked
     * @param load         the streams
     */
    record Plan(int nodes, int replicas, int baselineRuns, int batchUnits, int kills, StreamLoad load) {
        Plan {
            if (replicas < 1 || replicas >= nodes) {
                throw new IllegalArgumentException("replicas is " + replicas + "; with " + nodes
                        + " nodes it must be 1 to " + (nodes - 1) + ", so that a unit has somewhere to go");
            }
            if (baselineRuns < 1 || batchUnits < 1 || kills < 0) {
                throw new IllegalArgumentException("there must be a run before the moves, and units to move at a time");
            }
        }
    }

    /** @param progress told each step, a line each */
    MoveExperiment(final ClusterProcesses cluster, final Plan plan, final Consumer<String> progress) {
        this.cluster = cluster;
        this.plan = plan;
        this.progress = progress;
    }

    MoveReport run() throws InterruptedException {
        cluster.awaitWhole(plan.nodes(), plan.replicas(), WHOLE_LIMIT);
        plan.load().run(cluster.api(), List.of()); // warms up all processes
        final List<StreamTrace> still = new ArrayList<>();
        List<StreamTrace> expected = List.of();
        for (int run = 0; run < plan.baselineRuns(); run++) {
            final List<StreamTrace> traces = plan.load().run(cluster.api(), List.of());
            expected = expected.isEmpty() ? traces : expected;
            still.addAll(traces);
        }
        final Comparison before = Comparison.of(still, expected);
        if (before.altered() + before.failed() > 0) {
            throw new IllegalStateException("streams differ or fail though nothing was moved: " + before);
        }
        progress.accept("without moves: p99 " + Gaps.of(still).quantileMs(0.99) + " ms");
        final List<StreamTrace> moving = new ArrayList<>();
        final Mover.Outcome outcome = moveUnderLoad(moving);
        final Comparison during = Comparison.of(moving, expected);
        return new MoveReport(
                plan.load().seed(),
                plan.nodes(),
                plan.replicas(),
                plan.load().streams(),
                plan.load().tokens(),
                Runtime.getRuntime().availableProcessors(),
                outcome.finished(),
                outcome.undone(),
                outcome.firstEpoch(),
                outcome.lastEpoch(),
                outcome.kills(),
                during.altered(),
                during.failed(),
                during.exampleError(),
                MoveReport.Quantiles.of(Gaps.of(still), still.size()),
                MoveReport.Quantiles.of(Gaps.of(moving), moving.size()));
    }

    /** Streams run until the last unit is where it was sent, and those that run then run to their ends. */
    private Mover.Outcome moveUnderLoad(final List<StreamTrace> moving) throws InterruptedException {
        final Mover mover = new Mover(
                cluster, plan.replicas(), plan.batchUnits(), plan.load().seed(), progress);
        try (ExecutorService movers = Executors.newSingleThreadExecutor()) {
            final Future<Mover.Outcome> outcome = movers.submit(() -> mover.moveAll(plan.kills()));
            for (int run = 0; run < MOST_RUNS && !(outcome.isDone() && run > 0); run++) {
                moving.addAll(plan.load().run(cluster.api(), List.of()));
            }
            return outcome.get();
        } catch (final ExecutionException failed) {
            throw new IllegalStateException("the moves failed: " + failed.getMessage(), failed);
        }
    }
}
