package io.cheshire.planner.core.screen;

import io.cheshire.balance.core.Assignment;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.core.cost.CostCurves;
import io.cheshire.planner.protocol.plan.ExpertChoices;
import java.util.SplittableRandom;

/**
 * What one layer of a step costs the nodes of a placement, by rows of the step: a table, filled once by drawing steps
 * from the routing, linear in between. Rows are drawn independently of each other within a window; the order in which
 * a sequence's tokens come is left out, which flatters long prefills a little.
 */
public final class ExpertStation {
    private static final int[] ROWS = {
        1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1_024, 2_048, 4_096
    };
    /** Layers drawn for each point. */
    private static final int DRAWN = 96;

    private final double[] slowest = new double[ROWS.length];
    private final double[] hottest = new double[ROWS.length];
    private final double[] mean = new double[ROWS.length];
    private final double[] shards = new double[ROWS.length];

    /** What one layer costs: all means over layers and steps. */
    public record Cost(double slowestNs, double hottestNs, double meanNs, double shards) {}

    /**
     * Draws.
     *
     * @param node what a unit's rows cost there
     * @param seed of the draws
     */
    public ExpertStation(
            final ExpertChoices choices, final Assignment placement, final CostCurves node, final long seed) {
        final int nodes = nodesOf(placement);
        final ShardedRows split = new ShardedRows(placement, node, nodes);
        final RowDraw draw = new RowDraw(choices);
        for (int point = 0; point < ROWS.length; point++) {
            // The same stream for each: neighbouring points, and other placements, see the same luck.
            final SplittableRandom random = new SplittableRandom(seed);
            final double[] busy = new double[nodes];
            for (int i = 0; i < DRAWN; i++) {
                final int layer = i % choices.layers();
                final int[] rows = draw.rows(layer, ROWS[point], random);
                final double[] times = split.times(layer, rows);
                double most = 0;
                for (int n = 0; n < nodes; n++) {
                    most = Math.max(most, times[n]);
                    busy[n] += times[n] / DRAWN;
                    mean[point] += times[n] / DRAWN / nodes;
                }
                slowest[point] += most / DRAWN;
                shards[point] += (double) split.shards() / DRAWN;
            }
            for (final double each : busy) {
                hottest[point] = Math.max(hottest[point], each);
            }
        }
    }

    private static int nodesOf(final Assignment placement) {
        long all = 0;
        for (final long mask : placement.toMasks()) {
            all |= mask;
        }
        return Long.SIZE - Long.numberOfLeadingZeros(all);
    }

    /** Time of the node that a layer of so many rows waits for. */
    double slowestNs(final double rows) {
        return at(slowest, rows);
    }

    /** All figures at so many rows. */
    public Cost at(final double rows) {
        return new Cost(at(slowest, rows), at(hottest, rows), at(mean, rows), at(shards, rows));
    }

    private static double at(final double[] values, final double rows) {
        if (rows <= ROWS[0]) {
            // Of less than a row a step: a part of the steps has one.
            return values[0] * Math.max(0, rows);
        }
        final int last = ROWS.length - 1;
        if (rows >= ROWS[last]) {
            return values[last] * rows / ROWS[last];
        }
        int i = 1;
        while (ROWS[i] < rows) {
            i++;
        }
        return values[i - 1] + (values[i] - values[i - 1]) * (rows - ROWS[i - 1]) / (ROWS[i] - ROWS[i - 1]);
    }

    /** How long rows of one unit take on a node. */
    static double unitNs(final CostCurves node, final double rows) {
        return node.ns(Quantity.FFN, rows, 0);
    }
}
