package io.cheshire.transport.core;

import io.cheshire.transport.protocol.SendOutcome;

/** Limits only grow, so an old frame changes nothing. */
public final class GrantedCredit implements NodeCredit {
    private int windowRows;
    private long dispatchedRows;
    private long limit;

    @Override
    public void reset(final int newWindowRows, final long initialLimit) {
        windowRows = newWindowRows;
        dispatchedRows = 0;
        limit = initialLimit;
    }

    @Override
    public void onLimit(final long newLimit) {
        limit = Math.max(limit, newLimit);
    }

    @Override
    public int available() {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, limit - dispatchedRows));
    }

    @Override
    public SendOutcome allows(final int rowCount) {
        if (rowCount > windowRows) {
            return SendOutcome.TOO_LARGE;
        }
        return rowCount > available() ? SendOutcome.NO_CREDIT : SendOutcome.SENT;
    }

    @Override
    public void take(final int rowCount) {
        if (rowCount > available()) {
            throw new IllegalStateException("took " + rowCount + " rows of credit out of " + available());
        }
        dispatchedRows += rowCount;
    }

    @Override
    public long dispatchedRows() {
        return dispatchedRows;
    }

    @Override
    public int windowRows() {
        return windowRows;
    }
}
