package io.cheshire.planner.runtime.calibrate;

import io.cheshire.chaos.process.ClusterLook;
import io.cheshire.chaos.process.ClusterProcesses;
import io.cheshire.chaos.process.Harm;
import io.cheshire.chaos.process.StreamLoad;
import io.cheshire.chaos.process.StreamTrace;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.planner.core.calibrate.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A short life of a local cluster: nodes are killed and stopped under streaming load, units are moved. The times of a
 * detection are the longest gap between two tokens since the harm, less the usual one.
 */
final class ClusterTimes {
    private static final int NODES = 3;
    private static final int REPLICAS = 2;
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration WHOLE = Duration.ofMinutes(2);
    private static final long MOVE_NS = 30_000_000_000L;
    private static final long POLL_NS = 2_000_000;
    private static final int ACCEPTED = 202;
    private static final int STREAMS = 4;
    private static final int PROMPT = 16;
    private static final int TOKENS = 160;

    private final List<Double> deathsNs = new ArrayList<>();
    private final List<Double> silencesNs = new ArrayList<>();
    private final List<Double> publishesNs = new ArrayList<>();
    private final StreamLoad load;
    private final Consumer<String> progress;

    private ClusterTimes(final int vocabulary, final Consumer<String> progress) {
        this.load = new StreamLoad(STREAMS, PROMPT, TOKENS, vocabulary, 1);
        this.progress = progress;
    }

    /** @param loadNs how long a unit takes to load: no part of publishing */
    static ClusterTimes measure(
            final Path model,
            final int vocabulary,
            final double loadNs,
            final CalibrationBudget budget,
            final Consumer<String> progress)
            throws IOException, InterruptedException {
        final ClusterTimes times = new ClusterTimes(vocabulary, progress);
        final List<String> flags = List.of(
                "--nodes",
                Integer.toString(NODES),
                "--replicas",
                Integer.toString(REPLICAS),
                "--restart-after",
                "1",
                "--model",
                model.toString());
        try (ClusterProcesses cluster = ClusterProcesses.start(START, flags)) {
            cluster.awaitWhole(NODES, REPLICAS, WHOLE);
            progress.accept("a cluster of " + NODES + " nodes is up");
            times.run(cluster, loadNs, budget);
        }
        return times;
    }

    private void run(final ClusterProcesses cluster, final double loadNs, final CalibrationBudget budget)
            throws InterruptedException {
        load.run(cluster.api(), List.of());
        final double usualNs = usualGapNs(load.run(cluster.api(), List.of()));
        for (int move = 0; move < budget.moves(); move++) {
            move(cluster, move, loadNs);
        }
        for (int stop = 0; stop < budget.stops(); stop++) {
            final String victim = "expert-node-" + stop % NODES;
            silencesNs.add(hurt(cluster, victim, Harm.STOP, usualNs));
            cluster.resume(victim);
            cluster.awaitWhole(NODES, REPLICAS, WHOLE);
        }
        for (int kill = 0; kill < budget.kills(); kill++) {
            deathsNs.add(hurt(cluster, "expert-node-" + kill % NODES, Harm.KILL, usualNs));
            if (kill + 1 < budget.kills()) {
                cluster.awaitWhole(NODES, REPLICAS, WHOLE);
            }
        }
    }

    private double hurt(final ClusterProcesses cluster, final String victim, final Harm harm, final double usualNs)
            throws InterruptedException {
        final AtomicLong harmedNs = new AtomicLong();
        final List<StreamTrace> traces = load.run(cluster.api(), List.of(() -> {
            harmedNs.set(System.nanoTime());
            cluster.harm(victim, harm);
        }));
        final double longestNs = longestSinceNs(harmedNs.get(), traces);
        progress.accept(harm + " of " + victim + ": longest gap " + Math.round(longestNs / 1e6) + " ms");
        return Math.max(0, longestNs - usualNs);
    }

    private static double longestSinceNs(final long sinceNs, final List<StreamTrace> traces) {
        long longest = 0;
        for (final StreamTrace trace : traces) {
            for (int i = 1; i < trace.arrivalsNs().size(); i++) {
                if (trace.arrivalsNs().get(i) - sinceNs > 0) {
                    longest = Math.max(
                            longest,
                            trace.arrivalsNs().get(i) - trace.arrivalsNs().get(i - 1));
                }
            }
        }
        return longest;
    }

    private static double usualGapNs(final List<StreamTrace> traces) {
        final List<Double> gaps = new ArrayList<>();
        for (final StreamTrace trace : traces) {
            for (int i = 1; i < trace.arrivalsNs().size(); i++) {
                gaps.add(
                        (double) (trace.arrivalsNs().get(i) - trace.arrivalsNs().get(i - 1)));
            }
        }
        return Statistics.quantile(gaps, 0.5);
    }

    /** One unit to a node that doesn't hold it; until routers use the epoch in which it is there. */
    private void move(final ClusterProcesses cluster, final int unit, final double loadNs) throws InterruptedException {
        final ClusterLook before = ClusterLook.of(cluster.ops().read("/admin/v1/cluster"));
        final List<Integer> holders = before.holders().get(unit);
        final int to = before.serving().stream()
                .filter(node -> !holders.contains(node))
                .findFirst()
                .orElseThrow();
        final long beganNs = System.nanoTime();
        final JsonClient.Reply reply;
        try {
            reply = cluster.ops()
                    .post(
                            "/admin/v1/cluster/moves",
                            Map.of(
                                    "layer",
                                    unit / before.expertsPerLayer(),
                                    "expert",
                                    unit % before.expertsPerLayer(),
                                    "from",
                                    holders.getFirst(),
                                    "to",
                                    to,
                                    "reason",
                                    "calibration"));
        } catch (final IOException failure) {
            throw new java.io.UncheckedIOException("no answer to a move", failure);
        }
        if (reply.status() != ACCEPTED) {
            throw new IllegalStateException("unit " + unit + " was not to move: " + reply.text());
        }
        while (true) {
            final ClusterLook now = ClusterLook.of(cluster.ops().read("/admin/v1/cluster"));
            if (now.holders().get(unit).contains(to) && now.isSteady()) {
                break;
            }
            if (System.nanoTime() - beganNs > MOVE_NS) {
                throw new IllegalStateException(
                        "unit " + unit + " has not moved to node " + to + " within 30 s: " + now);
            }
            LockSupport.parkNanos(POLL_NS);
        }
        publishesNs.add(Math.max(0, System.nanoTime() - beganNs - loadNs));
    }

    List<Double> deathsNs() {
        return deathsNs;
    }

    List<Double> silencesNs() {
        return silencesNs;
    }

    List<Double> publishesNs() {
        return publishesNs;
    }
}
