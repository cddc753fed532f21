package io.cheshire.benchmarks.engine.core;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What all threads did between two moments.
 *
 * @param splits  one a thread, those that existed at both moments
 * @param tallies summed over threads
 */
public record Interval(List<Split> splits, Map<Tally, Long> tallies) {
    public Interval {
        splits = List.copyOf(splits);
        tallies = Map.copyOf(tallies);
    }

    /** Between the pages of one moment and those of a later one, in the same order. */
    public static Interval between(final List<Ledger.Page> from, final List<Ledger.Page> to) {
        final List<Split> splits = new ArrayList<>();
        final Map<Tally, Long> tallies = new EnumMap<>(Tally.class);
        for (int i = 0; i < Math.min(from.size(), to.size()); i++) {
            splits.add(Split.between(from.get(i), to.get(i)));
            for (final Tally tally : Tally.values()) {
                tallies.merge(tally, to.get(i).count(tally) - from.get(i).count(tally), Long::sum);
            }
        }
        return new Interval(splits, tallies);
    }

    public long count(final Tally tally) {
        return tallies.getOrDefault(tally, 0L);
    }
}
