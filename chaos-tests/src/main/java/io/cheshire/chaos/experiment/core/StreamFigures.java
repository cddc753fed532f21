package io.cheshire.chaos.experiment.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Gaps and rates of streams. Pure. */
public final class StreamFigures {
    private static final double MS_PER_SECOND = 1000;

    private StreamFigures() {}

    /** Tokens a second in a window; 0 of an empty one. */
    public static double tokensPerSecond(final List<StreamLine> streams, final double fromMs, final double toMs) {
        if (toMs <= fromMs) {
            return 0;
        }
        final long tokens = streams.stream()
                .flatMap(stream -> stream.tokensMs().stream())
                .filter(ms -> ms >= fromMs && ms < toMs)
                .count();
        return tokens * MS_PER_SECOND / (toMs - fromMs);
    }

    /** All gaps between neighbouring tokens that ended after a moment, without a cause; longest first. */
    public static List<LongGap> gaps(final List<StreamLine> streams, final double sinceMs) {
        final List<LongGap> gaps = new ArrayList<>();
        for (final StreamLine stream : streams) {
            for (int i = 1; i < stream.tokensMs().size(); i++) {
                final double toMs = stream.tokensMs().get(i);
                if (toMs > sinceMs) {
                    gaps.add(new LongGap(stream.lane(), stream.tokensMs().get(i - 1), toMs, ""));
                }
            }
        }
        gaps.sort(Comparator.comparingDouble(LongGap::lengthMs).reversed());
        return gaps;
    }

    /** The longest of so many moments, longest first: most streams wait at the same time, and one of them tells it. */
    public static List<LongGap> longest(final List<LongGap> gaps, final int moments) {
        final List<LongGap> found = new ArrayList<>();
        for (final LongGap gap : gaps) {
            final boolean isTold =
                    found.stream().anyMatch(other -> gap.fromMs() < other.toMs() && gap.toMs() > other.fromMs());
            if (!isTold) {
                found.add(gap);
            }
            if (found.size() == moments) {
                break;
            }
        }
        return found;
    }

    /** The smallest length that a share of the gaps doesn't exceed; 0 of none. */
    public static double quantileMs(final List<LongGap> gaps, final double share) {
        final double[] sorted = gaps.stream().mapToDouble(LongGap::lengthMs).toArray();
        Arrays.sort(sorted);
        return sorted.length == 0
                ? 0
                : sorted[Math.clamp((int) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1)];
    }

    /** What lies in a gap: the faults that were on, and the moments. */
    public static String cause(final LongGap gap, final List<FaultRegion> faults, final List<RunMark> marks) {
        final List<String> found = new ArrayList<>();
        for (final FaultRegion fault : faults) {
            if (fault.fromMs() <= gap.toMs() && Math.max(fault.toMs(), fault.fromMs()) >= gap.fromMs()) {
                found.add(fault.words());
            }
        }
        marks.stream()
                .filter(mark -> mark.atMs() >= gap.fromMs() && mark.atMs() <= gap.toMs())
                .filter(mark -> mark.kind() == RunMark.Kind.DETECTED || mark.kind() == RunMark.Kind.PUBLISHED)
                .limit(2)
                .forEach(mark -> found.add(mark.text()));
        return found.isEmpty() ? "no fault was on" : String.join("; ", found);
    }
}
