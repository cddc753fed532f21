package io.cheshire.chaos.process;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Times between neighbouring tokens of the same stream, over all streams. Immutable. */
final class Gaps {
    private static final double NS_PER_MS = 1e6;

    private final long[] sortedNs;

    private Gaps(final long[] sortedNs) {
        this.sortedNs = sortedNs;
    }

    static Gaps of(final List<StreamTrace> traces) {
        final List<Long> gaps = new ArrayList<>();
        for (final StreamTrace trace : traces) {
            for (int i = 1; i < trace.arrivalsNs().size(); i++) {
                gaps.add(trace.arrivalsNs().get(i) - trace.arrivalsNs().get(i - 1));
            }
        }
        final long[] sorted = gaps.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return new Gaps(sorted);
    }

    /** All gaps of several runs. */
    static Gaps together(final List<Gaps> runs) {
        final long[] all = runs.stream()
                .flatMapToLong(run -> Arrays.stream(run.sortedNs))
                .sorted()
                .toArray();
        return new Gaps(all);
    }

    /** The smallest gap that a share of all gaps doesn't exceed, in milliseconds; 0 without gaps. */
    double quantileMs(final double share) {
        if (sortedNs.length == 0) {
            return 0;
        }
        final int at = (int) Math.ceil(share * sortedNs.length) - 1;
        return sortedNs[Math.clamp(at, 0, sortedNs.length - 1)] / NS_PER_MS;
    }

    double maxMs() {
        return quantileMs(1);
    }
}
