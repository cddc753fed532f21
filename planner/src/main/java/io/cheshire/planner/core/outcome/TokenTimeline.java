package io.cheshire.planner.core.outcome;

import java.util.Arrays;

/**
 * Tokens over time, in a bounded number of intervals: when a run is longer, neighbours are merged and each interval is
 * twice as long.
 */
public final class TokenTimeline {
    private static final int MOST_INTERVALS = 4_096;
    private static final long FIRST_INTERVAL_NS = 10_000_000;

    private final long[] tokens = new long[MOST_INTERVALS];
    private long intervalNs = FIRST_INTERVAL_NS;
    private int used;

    void add(final long atNs, final int count) {
        while (atNs / intervalNs >= MOST_INTERVALS) {
            halve();
        }
        final int interval = (int) (atNs / intervalNs);
        tokens[interval] += count;
        used = Math.max(used, interval + 1);
    }

    private void halve() {
        for (int i = 0; i < MOST_INTERVALS / 2; i++) {
            tokens[i] = tokens[2 * i] + tokens[2 * i + 1];
        }
        Arrays.fill(tokens, MOST_INTERVALS / 2, MOST_INTERVALS, 0);
        intervalNs *= 2;
        used = (used + 1) / 2;
    }

    public long intervalNs() {
        return intervalNs;
    }

    /** Tokens of each interval, the first one first. */
    public long[] tokens() {
        return Arrays.copyOf(tokens, used);
    }
}
