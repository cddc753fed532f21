package io.cheshire.planner.core.screen;

import io.cheshire.balance.core.Assignment;
import io.cheshire.planner.core.cost.CostCurves;

/**
 * Deals a layer's rows to the nodes that hold their units, as routers do: the largest unit first, to the holder that
 * is done soonest; rows that are worth it are split over all holders. Used by one thread.
 */
final class ShardedRows {
    private static final int MOST_ROWS = 4_096;

    private final Assignment placement;
    private final CostCurves node;
    private final double[] times;
    private final boolean[] dealt;
    private final double splitFrom;
    private int shards;

    ShardedRows(final Assignment placement, final CostCurves node, final int nodes) {
        this.placement = placement;
        this.node = node;
        this.times = new double[nodes];
        this.dealt = new boolean[placement.experts()];
        this.splitFrom = 2 * ridge(node);
    }

    /** Rows that take twice as long as one: from there arithmetic outweighs reading weights. */
    static double ridge(final CostCurves node) {
        final double twice = 2 * ExpertStation.unitNs(node, 1);
        int rows = 1;
        while (rows < MOST_ROWS && ExpertStation.unitNs(node, rows) < twice) {
            rows *= 2;
        }
        return rows;
    }

    /** Each node's time, valid until the next call. */
    double[] times(final int layer, final int[] rows) {
        java.util.Arrays.fill(times, 0);
        java.util.Arrays.fill(dealt, false);
        shards = 0;
        for (int unit = largest(rows); unit >= 0; unit = largest(rows)) {
            dealt[unit] = true;
            deal(placement.holders(layer, unit), rows[unit]);
        }
        return times;
    }

    /** Shards of the last layer. */
    int shards() {
        return shards;
    }

    private int largest(final int[] rows) {
        int largest = -1;
        for (int unit = 0; unit < rows.length; unit++) {
            if (!dealt[unit] && rows[unit] > 0 && (largest < 0 || rows[unit] > rows[largest])) {
                largest = unit;
            }
        }
        return largest;
    }

    private void deal(final long holders, final int rows) {
        final int copies = Long.bitCount(holders);
        if (copies == 0) {
            return;
        }
        if (copies > 1 && rows >= splitFrom) {
            final double each = ExpertStation.unitNs(node, (double) rows / copies);
            for (long left = holders; left != 0; left &= left - 1) {
                times[Long.numberOfTrailingZeros(left)] += each;
                shards++;
            }
            return;
        }
        int best = Long.numberOfTrailingZeros(holders);
        for (long left = holders; left != 0; left &= left - 1) {
            final int holder = Long.numberOfTrailingZeros(left);
            best = times[holder] < times[best] ? holder : best;
        }
        times[best] += ExpertStation.unitNs(node, rows);
        shards++;
    }
}
