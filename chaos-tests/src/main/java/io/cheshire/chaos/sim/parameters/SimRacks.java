package io.cheshire.chaos.sim.parameters;

import java.util.SplittableRandom;

/**
 * The racks of a run, its nodes' failure domains. Half of the runs have none: there each node fails alone. Nodes with
 * numbers that follow each other begin in one rack, since it is there that copies would go by themselves.
 *
 * @param count       racks, 0 for none
 * @param nodes       nodes of the run
 * @param spareShares memory of each node for racks' sake, in fair shares of all units
 */
public record SimRacks(int count, int nodes, int spareShares) {
    private static final int MOST = 4;

    /** @param needed whether the run must have some */
    static SimRacks draw(final SplittableRandom random, final int nodes, final boolean needed) {
        final int drawn = Math.min(2 + random.nextInt(MOST - 1), Math.max(2, nodes - 1));
        final int spareShares = random.nextInt(3);
        return random.nextBoolean() || needed ? new SimRacks(drawn, nodes, spareShares) : new SimRacks(0, nodes, 0);
    }

    /** The rack that a node begins in; empty where there are none. */
    public String of(final int nodeId) {
        return count == 0 ? "" : name(nodeId * count / nodes);
    }

    /** Any of them. */
    public String any(final SplittableRandom random) {
        return name(random.nextInt(count));
    }

    private static String name(final int rack) {
        return "rack-" + rack;
    }
}
