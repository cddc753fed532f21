package io.cheshire.chaos.process;

import java.util.List;
import java.util.Locale;

/**
 * A run with harm, before it is compared.
 *
 * @param victims    processes that were hurt
 * @param traces     what each stream gave
 * @param longest    the longest gap of any stream that ended after the first harm
 * @param harmedNs   {@link System#nanoTime()} of the first harm
 * @param restoredMs from the first harm until all nodes were back and every unit had its replicas again
 */
record FaultRun(List<String> victims, List<StreamTrace> traces, LongestGap longest, long harmedNs, double restoredMs) {
    FaultRun {
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
                longest.lengthMs(),
                longest.lengthMs() - baseline.p99Ms(),
                longest.beganAfterMs(harmedNs),
                longest.look().busyShare(),
                longest.look().waitedMs(),
                restoredMs);
    }

    /** A line for people. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "%s, longest gap %.1f ms, from %.0f ms after the harm (the router waited for a core for "
                        + "%.1f ms of it), restored after"
                        + " %.0f ms",
                victims,
                longest.lengthMs(),
                longest.beganAfterMs(harmedNs),
                longest.look().waitedMs(),
                restoredMs);
    }
}
