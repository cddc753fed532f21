package io.cheshire.chaos.sim;

import java.util.SplittableRandom;

/**
 * The racks of a run, its nodes' failure domains: node <i>i</i> begins in rack <i>i</i> mod {@code count}. Half of the
 * runs have none: there each node fails alone.
 *
 * @param count racks, 0 for none
 */
public record SimRacks(int count) {
    private static final int MOST = 4;

    /** @param needed whether the run must have some */
    static SimRacks draw(final SplittableRandom random, final boolean needed) {
        final int drawn = 2 + random.nextInt(MOST - 1);
        return new SimRacks(random.nextBoolean() || needed ? drawn : 0);
    }

    /** The rack that a node begins in; empty where there are none. */
    public String of(final int nodeId) {
        return count == 0 ? "" : name(nodeId % count);
    }

    /** Any of them. */
    public String any(final SplittableRandom random) {
        return name(random.nextInt(count));
    }

    private static String name(final int rack) {
        return "rack-" + rack;
    }
}
