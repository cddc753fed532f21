package io.cheshire.chaos.process;

import java.util.List;
import java.util.Locale;

/**
 * A run with harm, before it is compared.
 *
 * @param victims    processes that were hurt
 * @param traces     what each stream gave
 * @param look       the router's share of the cores during the longest gap
 * @param harmedNs   {@link System#nanoTime()} of the last harm
 * @param restoredMs from the harm until all nodes were back and every unit had its replicas again
 */
record HurtRun(List<String> victims, List<StreamTrace> traces, CpuWatch.Look look, long harmedNs, double restoredMs) {
    private static final double NS_PER_MS = 1e6;

    HurtRun {
        victims = List.copyOf(victims);
        traces = List.copyOf(traces);
    }

    KillReport.Repetition against(final List<StreamTrace> expected, final KillReport.Baseline baseline) {
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
                longestBeganMs(),
                look.busyShare(),
                look.waitedMs(),
                restoredMs);
    }

    /** When the longest gap began, from the harm on: before it where negative. */
    private double longestBeganMs() {
        return (Gaps.longestOf(traces).fromNs() - harmedNs) / NS_PER_MS;
    }

    /** A line for people. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "%s, longest gap %.1f ms, from %.0f ms after the harm (the router waited for a core for %.1f ms of it), restored after"
                        + " %.0f ms",
                victims,
                Gaps.of(traces).maxMs(),
                longestBeganMs(),
                look.waitedMs(),
                restoredMs);
    }
}
