package io.cheshire.chaos.process;

import java.util.ArrayList;
import java.util.List;

/** Times between neighbouring tokens of the same stream, over all streams. Immutable. */
final class Gaps {
    private static final double NS_PER_MS = 1e6;

    private final double[] sortedMs;

    /** From one token of a stream to its next. */
    record Gap(long fromNs, long toNs) {
        long lengthNs() {
            return toNs - fromNs;
        }
    }

    private Gaps(final double[] sortedMs) {
        this.sortedMs = sortedMs;
    }

    static Gaps of(final List<StreamTrace> traces) {
        final List<Double> gapsMs = new ArrayList<>();
        for (final StreamTrace trace : traces) {
            for (int i = 1; i < trace.arrivalsNs().size(); i++) {
                gapsMs.add((trace.arrivalsNs().get(i) - trace.arrivalsNs().get(i - 1)) / NS_PER_MS);
            }
        }
        return new Gaps(
                gapsMs.stream().mapToDouble(Double::doubleValue).sorted().toArray());
    }

    /** The longest gap of any stream that ended after a moment; one of no length, at that moment, without any. */
    static Gap longestSince(final long sinceNs, final List<StreamTrace> traces) {
        Gap longest = new Gap(sinceNs, sinceNs);
        for (final StreamTrace trace : traces) {
            for (int i = 1; i < trace.arrivalsNs().size(); i++) {
                final Gap gap = new Gap(
                        trace.arrivalsNs().get(i - 1), trace.arrivalsNs().get(i));
                if (gap.toNs() - sinceNs > 0 && gap.lengthNs() > longest.lengthNs()) {
                    longest = gap;
                }
            }
        }
        return longest;
    }

    /** The smallest gap that a share of all gaps doesn't exceed, in milliseconds; 0 without gaps. */
    double quantileMs(final double share) {
        return quantile(sortedMs, share);
    }

    double maxMs() {
        return quantileMs(1);
    }

    /** The smallest of ascending values that a share of them doesn't exceed; 0 of none. */
    static double quantile(final double[] sorted, final double share) {
        if (sorted.length == 0) {
            return 0;
        }
        final int at = (int) Math.ceil(share * sorted.length) - 1;
        return sorted[Math.clamp(at, 0, sorted.length - 1)];
    }
}
