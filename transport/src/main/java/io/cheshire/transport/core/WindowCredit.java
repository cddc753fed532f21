package io.cheshire.transport.core;

/**
 * The limit that the router gets is {@code seen + window - held}, where {@code seen} is the highest count of dispatched
 * rows that the router named. It only grows; a frame that is lost, doubled or late costs no credit for good, since
 * every later frame and heartbeat names the count again.
 */
public final class WindowCredit implements RouterCredit {
    private final int windowRows;
    private long seenRows;
    private int heldRows;
    private long limit;

    /** @param windowRows the most rows of the router that the node holds at once */
    public WindowCredit(final int windowRows) {
        this.windowRows = windowRows;
        this.limit = windowRows;
    }

    @Override
    public void onDispatchedRows(final long dispatchedRows) {
        // More than the limit is a defect of the router; it must not buy it anything.
        seenRows = Math.max(seenRows, Math.min(dispatchedRows, limit));
        grow();
    }

    @Override
    public boolean hold(final int rowCount) {
        if (rowCount > windowRows - heldRows) {
            return false;
        }
        heldRows += rowCount;
        return true;
    }

    @Override
    public void release(final int rowCount) {
        if (rowCount > heldRows) {
            throw new IllegalStateException("released " + rowCount + " rows of " + heldRows);
        }
        heldRows -= rowCount;
        grow();
    }

    @Override
    public long limit() {
        return limit;
    }

    @Override
    public long limitAfterRelease(final int rowCount) {
        return Math.max(limit, seenRows + windowRows - (heldRows - rowCount));
    }

    @Override
    public int heldRows() {
        return heldRows;
    }

    @Override
    public int windowRows() {
        return windowRows;
    }

    private void grow() {
        limit = Math.max(limit, seenRows + windowRows - heldRows);
    }
}
