package io.cheshire.chaos.process;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Runs of the same streams in which nobody is hurt: what they must give, and their gaps between tokens. One thread. */
final class BaselineRuns {
    private final List<StreamTrace> all = new ArrayList<>();
    private List<StreamTrace> expected = List.of();
    private final List<LongestGap> longest = new ArrayList<>();

    /**
     * Adds a run.
     *
     * @param longestOfRun the run's longest gap
     * @throws IllegalStateException if a stream failed, or differs from an earlier run
     */
    void add(final List<StreamTrace> traces, final LongestGap longestOfRun) {
        requireSame(traces);
        expected = traces;
        all.addAll(traces);
        longest.add(longestOfRun);
    }

    int count() {
        return longest.size();
    }

    /** What each stream must give. */
    List<StreamTrace> expected() {
        return expected;
    }

    /** Gaps of all runs so far, of which there is at least one. */
    KillReport.Baseline baseline() {
        if (longest.isEmpty()) {
            throw new IllegalStateException("no run without harm yet, so nothing to compare with");
        }
        final List<LongestGap> sorted = longest.stream()
                .sorted(Comparator.comparingDouble(LongestGap::lengthMs))
                .toList();
        final double[] lengthsMs =
                sorted.stream().mapToDouble(LongestGap::lengthMs).toArray();
        final CpuWatch.Look look = sorted.getLast().look();
        final Gaps gaps = Gaps.of(all);
        return new KillReport.Baseline(
                count(),
                gaps.quantileMs(0.5),
                gaps.quantileMs(0.99),
                Gaps.quantile(lengthsMs, 0.5),
                gaps.maxMs(),
                look.busyShare(),
                look.waitedMs());
    }

    private void requireSame(final List<StreamTrace> traces) {
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
}
