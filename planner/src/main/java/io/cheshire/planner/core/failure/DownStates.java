package io.cheshire.planner.core.failure;

/**
 * How likely it is that so many nodes and racks are down at the same time. Nodes and racks fail and come back
 * independently of each other, so the Markov chain over all of them has a stationary law of product form, whatever the
 * law of repairs: nothing has to be solved.
 *
 * @param nodes      of the cell
 * @param nodeDown   part of time in which one is down for itself
 * @param racks      that nodes are dealt to; 0: none is known
 * @param rackDown   part of time in which one is down
 */
record DownStates(int nodes, double nodeDown, int racks, double rackDown) {
    /** States less likely than this are taken for fatal together. */
    static final double LEAST_PROBABILITY = 1e-12;

    /** Probability that exactly {@code count} of {@code of} are down. */
    static double exactly(final int of, final int count, final double down) {
        return UnitCoverage.subsets(of, count) * Math.pow(down, count) * Math.pow(1 - down, of - count);
    }

    /**
     * Part of time in which a unit has no holder.
     *
     * @param rackMasks nodes of each rack
     */
    double uncovered(final UnitCoverage coverage, final long[] rackMasks) {
        if (racks == 0 || rackDown == 0) {
            return uncoveredWith(coverage, 0);
        }
        double sum = 0;
        double seen = 0;
        for (int first = -1; first < racks; first++) {
            for (int second = first < 0 ? -1 : first; second < (first < 0 ? 0 : racks); second++) {
                final boolean two = first >= 0 && second > first;
                final int count = first < 0 ? 0 : two ? 2 : 1;
                final double probability = Math.pow(rackDown, count) * Math.pow(1 - rackDown, racks - count);
                final long down = (first < 0 ? 0 : rackMasks[first]) | (two ? rackMasks[second] : 0);
                seen += probability;
                sum += probability * (probability < LEAST_PROBABILITY ? 1 : uncoveredWith(coverage, down));
            }
        }
        // Three racks and more at once.
        return sum + Math.max(0, 1 - seen);
    }

    private double uncoveredWith(final UnitCoverage coverage, final long down) {
        if (coverage.isFatal(down)) {
            return 1;
        }
        final int left = nodes - Long.bitCount(down);
        double sum = 0;
        double seen = 0;
        for (int count = 0; count <= left; count++) {
            final double probability = exactly(left, count, nodeDown);
            if (count > left * nodeDown + 1 && probability < LEAST_PROBABILITY) {
                break;
            }
            seen += probability;
            sum += count == 0 ? 0 : probability * coverage.fatalShare(down, count);
        }
        return sum + Math.max(0, 1 - seen - 1e-15);
    }
}
