package io.cheshire.transport.core.link;

/** Told of what a router's end has to say to people. Its thread. */
public interface RouterEndLog {
    /** Says nothing. */
    RouterEndLog NONE = new RouterEndLog() {};

    /** A link moved. */
    default void moved(final int nodeId, final RouterEndState from, final RouterEndState to, final String reason) {}

    /** A node that was connected, or should have been, isn't. Said once until it is connected again. */
    default void nodeLost(final int nodeId, final String reason) {}

    /**
     * A lifeline was cut and the node answered after all, so often that its heartbeats alone are believed from now
     * on.
     */
    default void lifelinesDistrusted(final int nodeId, final int cuts) {}
}
