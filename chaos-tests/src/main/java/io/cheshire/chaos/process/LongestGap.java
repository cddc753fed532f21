package io.cheshire.chaos.process;

import java.util.List;

/**
 * The longest time between two tokens of any stream, in a run or in what was left of it after a harm, and what the
 * router had of the cores meanwhile.
 *
 * @param gap  between which moments
 * @param look at the cores between them
 */
record LongestGap(Gaps.Gap gap, CpuWatch.Look look) {
    private static final double NS_PER_MS = 1e6;

    /** Of those gaps of a watched run that ended after this moment. */
    static LongestGap since(final long sinceNs, final List<StreamTrace> traces, final CpuWatch cpu) {
        final Gaps.Gap longest = Gaps.longestSince(sinceNs, traces);
        return new LongestGap(longest, cpu.between(longest.fromNs(), longest.toNs()));
    }

    double lengthMs() {
        return gap.lengthNs() / NS_PER_MS;
    }

    /** From this moment to the gap's begin, negative where it began before. */
    double beganAfterMs(final long momentNs) {
        return (gap.fromNs() - momentNs) / NS_PER_MS;
    }
}
