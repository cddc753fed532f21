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
     * @param nodes        expert nodes of the cluster
     * @param replicas     nodes that hold each unit when the cluster is whole
     * @param harm         what is done
     * @param victims      expert nodes hurt in a run
     * @param inTurn       one after another, at even distances of tokens, instead of at once
     * @param baselineRuns runs without harm, spread evenly among those with harm, since processes get faster as they run
     * @param repetitions  runs with harm
     * @param load         the streams
     */
    record Plan(
            int nodes,
            int replicas,
            Harm harm,
            int victims,
            boolean inTurn,
            int baselineRuns,
            int repetitions,
            StreamLoad load) {
        Plan {
            if (victims < 1 || victims >= nodes) {
                throw new IllegalArgumentException(
                        "victims is " + victims + "; with " + nodes + " nodes it must be 1 to " + (nodes - 1));
            }
            if (replicas < 1 || replicas > nodes || baselineRuns < 1 || repetitions < 1) {
                throw new IllegalArgumentException(
                        "replicas must be 1 to the number of nodes, and there must be runs of both kinds");
            }
        }

        /** Runs without harm that come before run {@code repetition} with harm: at least one, all before the last. */
        int baselineRunsBefore(final int repetition) {
            return Math.ceilDiv((repetition + 1) * baselineRuns, repetitions);
        }
    }

    /** @param progress told each step, a line each */
    KillExperiment(final ClusterProcesses cluster, final Plan plan, final Consumer<String> progress) {
        this.cluster = cluster;
        this.plan = plan;
        this.progress = progress;
        this.random = new Random(plan.load().seed());
    }

    /** @param warmUpRuns runs without harm that count for nothing, before all others: compilers of many JVMs take cores from each other */
    KillReport run(final int warmUpRuns) throws InterruptedException {
        if (warmUpRuns < 0) {
            throw new IllegalArgumentException("--warm-up is " + warmUpRuns + "; it must be 0 or more");
        }
        cluster.awaitWhole(plan.nodes(), plan.replicas(), WHOLE_LIMIT);
        progress.accept("every unit is on " + plan.replicas() + " nodes");
        for (int run = 0; run < warmUpRuns; run++) {
            plan.load().run(cluster.api(), List.of());
            progress.accept("warm-up, run " + (run + 1) + " of " + warmUpRuns);
        }
        final UnhurtRuns unhurt = new UnhurtRuns();
        final List<HurtRun> hurt = new ArrayList<>();
        for (int run = 0; run < plan.repetitions(); run++) {
            runWithoutHarm(unhurt, plan.baselineRunsBefore(run));
            hurt.add(runWithHarm());
            progress.accept("with harm, run " + (run + 1) + " of " + plan.repetitions() + ": "
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
                Runtime.getRuntime().availableProcessors(),
                baseline,
                hurt.stream()
                        .map(run -> run.against(unhurt.expected(), baseline))
                        .toList());
    }

    private void runWithoutHarm(final UnhurtRuns unhurt, final int untilCount) throws InterruptedException {
        while (unhurt.count() < untilCount) {
            try (CpuWatch cpu = watchRouter()) {
                final long beganNs = System.nanoTime();
                final List<StreamTrace> traces = plan.load().run(cluster.api(), List.of());
                unhurt.add(traces, LongestGap.since(beganNs, traces, cpu));
            }
            progress.accept("without harm, run " + unhurt.count() + " of " + plan.baselineRuns());
        }
    }

    private HurtRun runWithHarm() throws InterruptedException {
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
        return new HurtRun(victims, traces, longest, harmedNs.get(), (System.nanoTime() - harmedNs.get()) / NS_PER_MS);
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
