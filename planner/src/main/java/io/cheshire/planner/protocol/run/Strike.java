package io.cheshire.planner.protocol.run;

/**
 * Something that strikes a cluster under load.
 *
 * @param atNs      from the start of the load
 * @param kind      what
 * @param target    number of the node, or of the router
 * @param lastingNs until it is taken back, where that is up to who strikes
 * @param factor    how many times slower
 */
public record Strike(long atNs, Kind kind, int target, long lastingNs, int factor) {
    /** What strikes. */
    public enum Kind {
        /** A node's process dies as by SIGKILL and is started again. */
        KILL,
        /** A node stands still for a while, as by SIGSTOP. */
        SILENCE,
        /** A node computes slower for a while. */
        SLOW,
        /** An operator drains a node, and takes that back. */
        DRAIN,
        /** All nodes are replaced one by one, each when the one before is whole again. */
        ROLLING_UPDATE,
        /** A router's process dies and is started again. */
        ROUTER_KILL
    }

    /** A node that dies. */
    public static Strike kill(final long atNs, final int node) {
        return new Strike(atNs, Kind.KILL, node, 0, 1);
    }
}
