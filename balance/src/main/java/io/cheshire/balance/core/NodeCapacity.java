package io.cheshire.balance.core;

/**
 * What a node offers.
 *
 * @param nodeId        its number in the cluster
 * @param speed         rate relative to the others; 1 where all are equal
 * @param unitCapacity  units that fit in its memory, all layers together
 * @param failureDomain what it shares with nodes that fail together with it; empty: nothing
 */
public record NodeCapacity(int nodeId, double speed, int unitCapacity, String failureDomain) {
    /** Of a node that is a failure domain of its own. */
    public NodeCapacity(final int nodeId, final double speed, final int unitCapacity) {
        this(nodeId, speed, unitCapacity, "");
    }

    public NodeCapacity {
        if (!(speed > 0) || Double.isInfinite(speed) || unitCapacity < 0) {
            throw new IllegalArgumentException("node " + nodeId + ": speed " + speed + " must be above 0, capacity "
                    + unitCapacity + " not negative");
        }
    }
}
