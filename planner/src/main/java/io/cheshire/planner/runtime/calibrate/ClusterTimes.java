package io.cheshire.planner.runtime.calibrate;

import io.cheshire.chaos.process.ClusterLook;
import io.cheshire.chaos.process.ClusterProcesses;
import io.cheshire.chaos.process.Harm;
import io.cheshire.chaos.process.StreamLoad;
import io.cheshire.chaos.process.StreamTrace;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.runtime.calibrate.Stages.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A short life of a local cluster: nodes are killed and stopped under streaming load, units are moved. The times of a
 * detection are the longest gap between two tokens since the harm, less the usual one.
 */
final class ClusterTimes {
    private static final int NODES = 3;
    private static final int REPLICAS = 2;
    /** What a harm under load takes at least: without so much time none begins. */
    private static final long LEAST_NS = 1_000_000_000L;

    private static final long POLL_NS = 2_000_000;
    private static final int ACCEPTED = 202;
    private static final int STREAMS = 4;
    private static final int PROMPT = 16;
    private static final int TOKENS = 160;

    private final List<Double> deathsNs = new CopyOnWriteArrayList<>();
    private final List<Double> restartsNs = new CopyOnWriteArrayList<>();
    private final List<Double> silencesNs = new CopyOnWriteArrayList<>();
    private final List<Double> publishesNs = new CopyOnWriteArrayList<>();
    private final StreamLoad load;
    private final double loadNs;
    private final CalibrationBudget budget;
    private final Stages stages;

    /** @param loadNs how long a unit takes to load: no part of publishing */
    ClusterTimes(final int vocabulary, final double loadNs, final CalibrationBudget budget, final Stages stages) {
        this.load = new StreamLoad(STREAMS, PROMPT, TOKENS, vocabulary, 1);
        this.loadNs = loadNs;
        this.budget = budget;
        this.stages = stages;
    }

    /** Measures as much as there is time for: what there is by then stays. */
    Outcome measure(final Path model) throws IOException, InterruptedException {
        final List<String> flags = List.of(
                "--nodes",
                Integer.toString(NODES),
                "--replicas",
                Integer.toString(REPLICAS),
                "--restart-after",
                "1",
                "--model",
                model.toString());
        final ClusterProcesses cluster;
        try {
            cluster = ClusterProcesses.start(left(), flags);
        } catch (final IllegalStateException notReady) {
            stages.say("the cluster's processes did not get ready in time");
            return Outcome.MISSED;
        }
        try {
            cluster.awaitWhole(NODES, REPLICAS, left());
            stages.say("a cluster of " + NODES + " nodes is up");
            run(cluster);
        } catch (final IllegalStateException cut) {
            stages.say("no more of the cluster is measured: " + cut.getMessage());
        } finally {
            stop(cluster);
        }
        if (deathsNs.size() + silencesNs.size() + publishesNs.size() == 0) {
            return Outcome.MISSED;
        }
        return deathsNs.size() == budget.kills()
                        && silencesNs.size() == budget.stops()
                        && publishesNs.size() == budget.moves()
                ? Outcome.WHOLE
                : Outcome.SHORTENED;
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(0, stages.deadlineNs(Stage.CLUSTER) - System.nanoTime()));
    }

    private boolean hasTime(final long needNs) {
        return left().toNanos() > needNs;
    }

    private void stop(final ClusterProcesses cluster) {
        try {
            cluster.close(Duration.ofNanos(Math.max(0, stages.deadlineNs(Stage.END) - System.nanoTime())));
        } catch (final IllegalStateException killed) {
            stages.say("the cluster did not end by itself in time and was killed");
        }
    }

    /** One of each kind before a second of any, since time may be over. */
    private void run(final ClusterProcesses cluster) throws InterruptedException {
        load.run(cluster.api(), List.of());
        final double usualNs = usualGapNs(load.run(cluster.api(), List.of()));
        final int rounds = Math.max(budget.kills(), Math.max(budget.stops(), budget.moves()));
        for (int round = 0; round < rounds && hasTime(LEAST_NS); round++) {
            final String victim = "expert-node-" + round % NODES;
            if (round < budget.moves()) {
                move(cluster, round);
            }
            if (round < budget.stops()) {
                silencesNs.add(hurt(cluster, victim, Harm.STOP, usualNs));
                cluster.resume(victim);
                cluster.awaitWhole(NODES, REPLICAS, left());
            }
            if (round < budget.kills() && hasTime(LEAST_NS)) {
                kill(cluster, round % NODES, usualNs);
                if (round + 1 < rounds) {
                    cluster.awaitWhole(NODES, REPLICAS, left());
                }
            }
        }
    }

    /** Until its next life has joined, under load all the time. */
    private void kill(final ClusterProcesses cluster, final int node, final double usualNs)
            throws InterruptedException {
        final long before = RestartWatch.incarnation(cluster, node);
        deathsNs.add(hurt(cluster, "expert-node-" + node, Harm.KILL, usualNs));
        final RestartWatch watch = new RestartWatch(cluster, node, before, stages.deadlineNs(Stage.CLUSTER));
        while (watch.isWatching()) {
            load.run(cluster.api(), List.of());
        }
        watch.joinedNs().ifPresent(ns -> {
            restartsNs.add(ns);
            stages.say(String.format(Locale.ROOT, "expert-node-%d joined %.1f s after its start", node, ns / 1e9));
        });
    }

    private double hurt(final ClusterProcesses cluster, final String victim, final Harm harm, final double usualNs)
            throws InterruptedException {
        final AtomicLong harmedNs = new AtomicLong();
        final List<StreamTrace> traces = load.run(cluster.api(), List.of(() -> {
            harmedNs.set(System.nanoTime());
            cluster.harm(victim, harm);
        }));
        final double longestNs = longestSinceNs(harmedNs.get(), traces);
        stages.say(harm + " of " + victim + ": longest gap " + Math.round(longestNs / 1e6) + " ms");
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
    private void move(final ClusterProcesses cluster, final int unit) throws InterruptedException {
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
            if (!hasTime(0)) {
                throw new IllegalStateException("unit " + unit + " has not moved to node " + to + ": " + now);
            }
            LockSupport.parkNanos(POLL_NS);
        }
        publishesNs.add(Math.max(0, System.nanoTime() - beganNs - loadNs));
    }

    List<Double> deathsNs() {
        return deathsNs;
    }

    List<Double> restartsNs() {
        return restartsNs;
    }

    List<Double> silencesNs() {
        return silencesNs;
    }

    List<Double> publishesNs() {
        return publishesNs;
    }
}
