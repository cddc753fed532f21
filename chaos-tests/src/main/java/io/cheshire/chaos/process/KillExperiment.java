package io.cheshire.chaos.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Runs the same greedy streams again and again on a cluster of processes, hurts expert nodes midway, and compares token
 * ids and gaps with runs in which nobody was hurt. One thread.
 */
final class KillExperiment {
    private static final Duration WHOLE_LIMIT = Duration.ofMinutes(3);
    private static final double NS_PER_MS = 1e6;
    private static final String EXPERT_NODE = "expert-node-";

    private final ClusterProcesses cluster;
    private final Plan plan;
    private final Consumer<String> progress;
    private final Random random;

    /**
     * What to do.
     *
     * @param nodes    expert nodes of the cluster
     * @param replicas nodes that hold each unit when the cluster is whole
     * @param harm     what is done
     * @param victims  expert nodes hurt in a run
     * @param inTurn   one after another, at even distances of tokens, instead of at once
     * @param runs     how often
     * @param load     the streams
     */
    record Plan(int nodes, int replicas, Harm harm, int victims, boolean inTurn, Runs runs, StreamLoad load) {
        Plan {
            if (victims < 1 || victims >= nodes) {
                throw new IllegalArgumentException(
                        "victims is " + victims + "; with " + nodes + " nodes it must be 1 to " + (nodes - 1));
            }
            if (replicas < 1 || replicas > nodes) {
                throw new IllegalArgumentException("replicas must be 1 to the number of nodes");
            }
        }
    }

    /**
     * Runs of the streams. Those that count for nothing are there because many JVMs on few cores take these from each
     * other while they compile what they run often.
     *
     * @param warmUp      that count for nothing, before all others
     * @param settle      that count for nothing, between any two with harm: until a process that was started again has
     *                    compiled, too
     * @param withoutHarm spread evenly among those with harm, since processes get faster as they run
     * @param withHarm    repetitions
     */
    record Runs(int warmUp, int settle, int withoutHarm, int withHarm) {
        Runs {
            if (warmUp < 0 || settle < 0) {
                throw new IllegalArgumentException(
                        "--warm-up is " + warmUp + " and --settle " + settle + "; they must be 0 or more");
            }
            if (withoutHarm < 1 || withHarm < 1) {
                throw new IllegalArgumentException("--baseline is " + withoutHarm + " and --repeat " + withHarm
                        + "; there must be a run of both kinds");
            }
        }

        /** Runs without harm that come before run {@code repetition} with harm: at least one, all before the last. */
        int withoutHarmBefore(final int repetition) {
            return Math.ceilDiv((repetition + 1) * withoutHarm, withHarm);
        }
    }

    /** @param progress told each step, a line each */
    KillExperiment(final ClusterProcesses cluster, final Plan plan, final Consumer<String> progress) {
        this.cluster = cluster;
        this.plan = plan;
        this.progress = progress;
        this.random = new Random(plan.load().seed());
    }

    KillReport run() throws InterruptedException {
        cluster.awaitWhole(plan.nodes(), plan.replicas(), WHOLE_LIMIT);
        progress.accept("every unit is on " + plan.replicas() + " nodes");
        runForNothing("warm-up", plan.runs().warmUp());
        final BaselineRuns unhurt = new BaselineRuns();
        final List<FaultRun> hurt = new ArrayList<>();
        for (int run = 0; run < plan.runs().withHarm(); run++) {
            if (run > 0) {
                runForNothing("settling", plan.runs().settle());
            }
            runWithoutHarm(unhurt, plan.runs().withoutHarmBefore(run));
            hurt.add(runWithHarm());
            progress.accept("with harm, run " + (run + 1) + " of " + plan.runs().withHarm() + ": "
                    + hurt.getLast().summary());
        }
        final KillReport.Baseline baseline = unhurt.baseline();
        return new KillReport(
                plan.load().seed(),
                plan.nodes(),
                plan.replicas(),
                plan.load().streams(),
                plan.load().tokens(),
                plan.harm(),
                plan.victims(),
                plan.runs().warmUp(),
                plan.runs().settle(),
                Runtime.getRuntime().availableProcessors(),
                baseline,
                hurt.stream()
                        .map(run -> run.against(unhurt.expected(), baseline))
                        .toList());
    }

    private void runForNothing(final String why, final int runs) throws InterruptedException {
        for (int run = 0; run < runs; run++) {
            plan.load().run(cluster.api(), List.of());
            progress.accept(why + ", run " + (run + 1) + " of " + runs);
        }
    }

    private void runWithoutHarm(final BaselineRuns unhurt, final int untilCount) throws InterruptedException {
        while (unhurt.count() < untilCount) {
            try (CpuWatch cpu = watchRouter()) {
                final long beganNs = System.nanoTime();
                final List<StreamTrace> traces = plan.load().run(cluster.api(), List.of());
                unhurt.add(traces, LongestGap.since(beganNs, traces, cpu));
            }
            progress.accept(
                    "without harm, run " + unhurt.count() + " of " + plan.runs().withoutHarm());
        }
    }

    private FaultRun runWithHarm() throws InterruptedException {
        final List<String> victims = victims();
        final AtomicLong harmedNs = new AtomicLong();
        final List<Runnable> harms = plan.inTurn()
                ? victims.stream().map(name -> harm(List.of(name), harmedNs)).toList()
                : List.of(harm(victims, harmedNs));
        final List<StreamTrace> traces;
        final LongestGap longest;
        try (CpuWatch cpu = watchRouter()) {
            traces = plan.load().run(cluster.api(), harms);
            if (harmedNs.get() == 0) {
                throw new IllegalStateException("the streams ended before anybody was hurt; give them more tokens");
            }
            longest = LongestGap.since(harmedNs.get(), traces, cpu);
        }
        if (plan.harm() == Harm.STOP) {
            victims.forEach(cluster::resume);
        }
        cluster.awaitWhole(plan.nodes(), plan.replicas(), WHOLE_LIMIT);
        return new FaultRun(victims, traces, longest, harmedNs.get(), (System.nanoTime() - harmedNs.get()) / NS_PER_MS);
    }

    private CpuWatch watchRouter() {
        return new CpuWatch(cluster.process("router"), CpuWatch.AGENTS);
    }

    private Runnable harm(final List<String> names, final AtomicLong harmedNs) {
        return () -> {
            harmedNs.compareAndSet(0, System.nanoTime());
            names.forEach(name -> cluster.harm(name, plan.harm()));
        };
    }

    /** Nodes whose units others hold too, as far as that is possible: not neighbours on the ring of homes. */
    private List<String> victims() {
        final int first = random.nextInt(plan.nodes());
        return IntStream.concat(everySecond(0), everySecond(1))
                .limit(plan.victims())
                .mapToObj(offset -> EXPERT_NODE + (first + offset) % plan.nodes())
                .toList();
    }

    private IntStream everySecond(final int from) {
        return IntStream.iterate(from, offset -> offset < plan.nodes(), offset -> offset + 2);
    }
}
