package io.cheshire.transport.core;

import io.cheshire.transport.protocol.SendOutcome;

/** What one node grants one router, counted by the router; {@link GrantedCredit} is the one. One thread. */
public interface NodeCredit {
    /**
     * Starts over with a new link.
     *
     * @param windowRows   the most rows that the node holds at once, so the largest shard
     * @param initialLimit rows that may ever be dispatched on the link, as of now
     */
    void reset(int windowRows, long initialLimit);

    /** The node names a limit. */
    void onLimit(long newLimit);

    /** Rows that may be dispatched now. */
    int available();

    /** Whether a shard may go out: SENT, NO_CREDIT for now, or TOO_LARGE for ever. */
    SendOutcome allows(int rowCount);

    /** A shard is on its way. */
    void take(int rowCount);

    /** Rows ever dispatched on this link. */
    long dispatchedRows();

    /** The most rows that the node holds at once. */
    int windowRows();
}
