package io.cheshire.coordinator.protocol;

import io.cheshire.model.protocol.ExpertKey;

/**
 * What an operator asks of the cluster, as it came by HTTP, as it goes to the coordinator and as the placement machine
 * decides it. Forgotten with the coordinator that it was put to.
 */
public sealed interface OperatorRequest {
    /** A day: the longest that a node may be drained for a time. */
    long MOST_DRAIN_MS = 86_400_000;

    /** Why, in the operator's words; may be empty. Ends up in the cluster's events. */
    String reason();

    /** A request that the placement machine decides as it is. */
    sealed interface Wish extends OperatorRequest, PlacementEvent {}

    /** The unit belongs on node {@code to} instead of node {@code from}. */
    record Move(ExpertKey key, int from, int to, String reason) implements Wish {}

    /** Each unit belongs on so many nodes, as far as memory goes. */
    record Replicas(int replicas, String reason) implements Wish {}

    /** The node is to hold nothing, so that it may be stopped. */
    record Drain(int nodeId, String reason) implements Wish {}

    /** A drained node is back in use. */
    record Undrain(int nodeId, String reason) implements Wish {}

    /**
     * The same as {@link Drain}, and back in use after a time, whatever becomes of who asked.
     *
     * @param forMs from when it is asked on
     */
    record DrainFor(int nodeId, long forMs, String reason) implements OperatorRequest {
        public DrainFor {
            if (forMs < 1 || forMs > MOST_DRAIN_MS) {
                throw new IllegalArgumentException("a drain for " + forMs + " ms is not for 1 ms to a day");
            }
        }
    }

    /** Balance the units over the nodes once, by the loads of late. */
    record RebalanceNow(String reason) implements OperatorRequest {}

    /** What {@link RebalanceNow} would do now; nothing moves. The window of traffic ends by it all the same. */
    record RebalanceTrial(String reason) implements OperatorRequest {}

    /** The node's process has ended, says somebody who knows: nobody needs to wait for the cluster to notice. */
    record Down(int nodeId, String reason) implements OperatorRequest {}
}
