package io.cheshire.balance.core;

import java.util.ArrayList;
import java.util.List;

/**
 * Predicted time of the nodes under a placement whose replicas share by speed. Pure arithmetic on one layer at a time.
 */
public final class NodeTimes {
    private NodeTimes() {}

    /**
     * Time of the hottest node of a layer, ns in a window.
     *
     * @param costs cost by unit index on a node of speed 1, ns in a window
     */
    public static double hottestNs(
            final Assignment placement, final List<NodeCapacity> nodes, final double[] costs, final int layer) {
        double most = 0;
        for (final double time : times(placement, nodes, costs, layer)) {
            most = Math.max(most, time);
        }
        return most;
    }

    /**
     * Balancedness by layer: mean node time, each node counting as much as its speed, / hottest node time; 1 is
     * perfect.
     */
    public static List<Double> balancedness(
            final Assignment placement, final List<NodeCapacity> nodes, final double[] costs) {
        double speed = 0;
        for (final NodeCapacity node : nodes) {
            speed += node.speed();
        }
        final List<Double> result = new ArrayList<>();
        for (int layer = 0; layer < placement.layers(); layer++) {
            double sum = 0;
            for (int expert = 0; expert < placement.experts(); expert++) {
                sum += placement.holders(layer, expert) == 0 ? 0 : costs[layer * placement.experts() + expert];
            }
            final double hottest = hottestNs(placement, nodes, costs, layer);
            result.add(hottest == 0 ? 1 : sum / speed / hottest);
        }
        return result;
    }

    private static double[] times(
            final Assignment placement, final List<NodeCapacity> nodes, final double[] costs, final int layer) {
        final double[] times = new double[nodes.size()];
        for (int expert = 0; expert < placement.experts(); expert++) {
            final long holders = placement.holders(layer, expert);
            double speed = 0;
            for (long mask = holders; mask != 0; mask &= mask - 1) {
                speed += nodes.get(Long.numberOfTrailingZeros(mask)).speed();
            }
            for (long mask = holders; mask != 0; mask &= mask - 1) {
                times[Long.numberOfTrailingZeros(mask)] += costs[layer * placement.experts() + expert] / speed;
            }
        }
        return times;
    }
}
