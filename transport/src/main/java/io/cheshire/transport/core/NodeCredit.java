package io.cheshire.transport.core;

/** What one node grants one router, counted by the router. Limits only grow, so an old frame changes nothing. One thread. */
public final class NodeCredit {
    private long dispatchedRows;
    private long limit;

    /** Starts over with a new link. */
    public void reset(final long initialLimit) {
        dispatchedRows = 0;
        limit = initialLimit;
    }

    /** The node names a limit. */
    public void onLimit(final long newLimit) {
        limit = Math.max(limit, newLimit);
    }

    /** Rows that may be dispatched now. */
    public int available() {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, limit - dispatchedRows));
    }

    /** A shard is on its way. */
    public void take(final int rowCount) {
        if (rowCount > available()) {
            throw new IllegalStateException("took " + rowCount + " rows of credit out of " + available());
        }
        dispatchedRows += rowCount;
    }

    /** Rows ever dispatched on this link. */
    public long dispatchedRows() {
        return dispatchedRows;
    }
}
