package io.cheshire.coordinator.protocol;

/**
 * One decision of the coordinator.
 *
 * @param sequence number of the decision since the coordinator started, from 1
 * @param timeMs   wall-clock time, milliseconds since 1970
 * @param epoch    epoch at that moment
 * @param kind     what kind of decision
 * @param reason   what was decided and why, for people
 */
public record ClusterEvent(long sequence, long timeMs, long epoch, Kind kind, String reason) {

    /** Kinds of decisions. */
    public enum Kind {
        /** The coordinator does something else now. */
        PHASE,
        /** A node became a member. */
        NODE_JOINED,
        /** A node or router was refused. */
        REFUSED,
        /** A node asked to leave. */
        NODE_LEAVING,
        /** A node is gone. */
        NODE_GONE,
        /** Units are to be loaded. */
        LOAD,
        /** A unit could not be loaded. */
        LOAD_FAILED,
        /** A node holds a unit whose bytes differ from those that the cluster serves. */
        UNIT_DIFFERS,
        /** Copies of a unit answered the same row differently. */
        REPLICAS_DISAGREE,
        /** An epoch was published. */
        PUBLISHED,
        /** Units are to be unloaded. */
        RELEASE,
        /** A node may leave. */
        LEAVE_GRANTED,
        /** A router became a member. */
        ROUTER_JOINED,
        /** A router is gone. */
        ROUTER_GONE,
        /** What the placement ought to become changed by somebody's wish or the balancer's. */
        TARGET,
        /** A node is to hold nothing, or is back in use. */
        DRAIN,
        /** Units are loaded elsewhere because their nodes may not answer. */
        RESCUE,
        /** Copies of units that share a failure domain are moved apart. */
        SEPARATION,
        /** Most nodes may not answer, all at once: their units are not loaded elsewhere for a while. */
        RESCUE_WAITS,
        /** Epochs came too fast after each other: the next one waits. */
        HELD_BACK,
        /** Another coordinator's epoch was seen. */
        EPOCH_SEEN,
        /** A peer sends more than it may. */
        RATE_LIMITED
    }
}
