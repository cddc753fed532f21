package io.cheshire.chaos.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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
     * @param baselineRuns runs without harm
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
        plan.load().run(cluster.api(), List.of()); // warms up all processes
        final List<StreamTrace> unhurt = new ArrayList<>();
        List<StreamTrace> expected = List.of();
        final CpuWatch.Look look;
        try (CpuWatch cpu = watchRouter()) {
            for (int run = 0; run < plan.baselineRuns(); run++) {
                final List<StreamTrace> traces = plan.load().run(cluster.api(), List.of());
                requireSame(expected, traces);
                expected = traces;
                unhurt.addAll(traces);
                progress.accept("without harm, run " + (run + 1) + " of " + plan.baselineRuns());
            }
            final Gaps.Gap longest = Gaps.longestOf(unhurt);
            look = cpu.between(longest.fromNs(), longest.toNs());
        }
        final Gaps gaps = Gaps.of(unhurt);
        final KillReport.Baseline baseline = new KillReport.Baseline(
                plan.baselineRuns(),
                gaps.quantileMs(0.5),
                gaps.quantileMs(0.99),
                gaps.maxMs(),
                look.busyShare(),
                look.waitedMs());
        final List<KillReport.Repetition> repetitions = new ArrayList<>();
        for (int run = 0; run < plan.repetitions(); run++) {
            repetitions.add(repetition(expected, baseline));
            progress.accept("with harm, run " + (run + 1) + " of " + plan.repetitions() + ": " + repetitions.getLast());
        }
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
                repetitions);
    }

    private static void requireSame(final List<StreamTrace> expected, final List<StreamTrace> traces) {
        for (int i = 0; i < traces.size(); i++) {
            final StreamTrace trace = traces.get(i);
            if (trace.error() != null) {
                throw new IllegalStateException("stream " + i + " failed though nobody was hurt: " + trace.error());
            }
            if (!expected.isEmpty() && !expected.get(i).tokenIds().equals(trace.tokenIds())) {
                throw new IllegalStateException("stream " + i + " differs between two runs without harm");
            }
        }
    }

    private KillReport.Repetition repetition(final List<StreamTrace> expected, final KillReport.Baseline baseline)
            throws InterruptedException {
        final List<String> victims = victims();
        final long[] harmedNs = {System.nanoTime()};
        final List<Runnable> harms = plan.inTurn()
                ? victims.stream().map(name -> harm(List.of(name), harmedNs)).toList()
                : List.of(harm(victims, harmedNs));
        final List<StreamTrace> traces;
        final CpuWatch.Look look;
        try (CpuWatch cpu = watchRouter()) {
            traces = plan.load().run(cluster.api(), harms);
            final Gaps.Gap longest = Gaps.longestOf(traces);
            look = cpu.between(longest.fromNs(), longest.toNs());
        }
        if (plan.harm() == Harm.STOP) {
            victims.forEach(cluster::resume);
        }
        cluster.awaitWhole(plan.nodes(), plan.replicas(), WHOLE_LIMIT);
        final double restoredMs = (System.nanoTime() - harmedNs[0]) / NS_PER_MS;
        final Comparison seen = Comparison.of(traces, expected);
        final Gaps gaps = Gaps.of(traces);
        return new KillReport.Repetition(
                victims,
                seen.altered(),
                seen.failed(),
                seen.exampleError(),
                gaps.quantileMs(0.99),
                gaps.maxMs(),
                gaps.maxMs() - baseline.p99Ms(),
                look.busyShare(),
                look.waitedMs(),
                restoredMs);
    }

    private CpuWatch watchRouter() {
        return new CpuWatch(cluster.process("router"), CpuWatch.AGENTS);
    }

    private Runnable harm(final List<String> names, final long[] harmedNs) {
        return () -> {
            harmedNs[0] = System.nanoTime();
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
