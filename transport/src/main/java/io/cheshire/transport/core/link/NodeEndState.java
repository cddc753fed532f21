package io.cheshire.transport.core.link;

/**
 * What a node's link to a router is doing. It begins with a Hello that is accepted.
 *
 * <pre>
 *   from     | to       | when
 *   ---------|----------|--------------------------------------------------------------------------
 *   OPENING  | ANSWERED | the way back is there and has a listener: our answer is in it
 *   OPENING  | ENDED    | the media driver refuses the way back, nobody listens within the connect timeout,
 *            |          | a row is longer than the longest frame, or the router connected anew
 *   ANSWERED | SERVING  | the first frame of the router
 *   ANSWERED | ENDED    | its channel is gone, nothing was heard for the peer timeout, or the router connected anew
 *   SERVING  | ENDED    | the same; it says goodbye, takes no answers, or takes no results
 * </pre>
 */
public enum NodeEndState {
    /** Waits for the way back. */
    OPENING,
    /** The router may know of it. */
    ANSWERED,
    /** The router uses it, and the node's owner knows of it. */
    SERVING,
    /** Over for good. */
    ENDED;

    /** Whether the table above has this move. */
    public boolean mayBecome(final NodeEndState next) {
        return switch (this) {
            case OPENING -> next == ANSWERED || next == ENDED;
            case ANSWERED -> next == SERVING || next == ENDED;
            case SERVING -> next == ENDED;
            case ENDED -> false;
        };
    }
}
