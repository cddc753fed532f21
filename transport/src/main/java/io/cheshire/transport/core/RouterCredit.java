package io.cheshire.transport.core;

/**
 * What one router has with one node, counted by the node. The limit that the router gets is
 * {@code seen + window - held}, where {@code seen} is the highest count of dispatched rows that the router named. It only
 * grows; a frame that is lost, doubled or late costs no credit for good, since every later frame and heartbeat names the
 * count again. One thread.
 */
public final class RouterCredit {
    private final int windowRows;
    private long seenRows;
    private int heldRows;
    private long limit;

    /** @param windowRows the most rows of the router that the node holds at once */
    public RouterCredit(final int windowRows) {
        this.windowRows = windowRows;
        this.limit = windowRows;
    }

    /** The router says that it dispatched so many rows in all. A lower figure than before is an old frame's: ignored. */
    public void onDispatchedRows(final long dispatchedRows) {
        // More than the limit is a defect of the router; it must not buy it anything.
        seenRows = Math.max(seenRows, Math.min(dispatchedRows, limit));
        grow();
    }

    /** Takes room for a shard; false when the router had no credit for it. */
    public boolean hold(final int rowCount) {
        if (rowCount > windowRows - heldRows) {
            return false;
        }
        heldRows += rowCount;
        return true;
    }

    /** Rows were answered or given up. */
    public void release(final int rowCount) {
        if (rowCount > heldRows) {
            throw new IllegalStateException("released " + rowCount + " rows of " + heldRows);
        }
        heldRows -= rowCount;
        grow();
    }

    /** Rows that the router may ever dispatch. */
    public long limit() {
        return limit;
    }

    /** What {@link #limit()} will be once these rows are released. */
    public long limitAfterRelease(final int rowCount) {
        return Math.max(limit, seenRows + windowRows - (heldRows - rowCount));
    }

    /** Rows held now. */
    public int heldRows() {
        return heldRows;
    }

    public int windowRows() {
        return windowRows;
    }

    private void grow() {
        limit = Math.max(limit, seenRows + windowRows - heldRows);
    }
}
