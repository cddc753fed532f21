package io.cheshire.chaos.process;

import java.util.List;
import java.util.Locale;

/**
 * A run with harm, before it is compared.
 *
 * @param victims    processes that were hurt
 * @param traces     what each stream gave
 * @param look       the router's share of the cores during the longest gap
 * @param restoredMs from the harm until all nodes were back and every unit had its replicas again
 */
record HurtRun(List<String> victims, List<StreamTrace> traces, CpuWatch.Look look, double restoredMs) {
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
                look.busyShare(),
                look.waitedMs(),
                restoredMs);
    }

    /** A line for people. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "%s, longest gap %.1f ms (the router waited for a core for %.1f ms of it), restored after %.0f ms",
                victims,
                Gaps.of(traces).maxMs(),
                look.waitedMs(),
                restoredMs);
    }
}
