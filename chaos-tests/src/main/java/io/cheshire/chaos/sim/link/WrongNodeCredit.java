package io.cheshire.chaos.sim.link;

import io.cheshire.transport.core.GrantedCredit;
import io.cheshire.transport.core.NodeCredit;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;

/** Planted bugs of a router's credit: it is whatever one wishes, or what was granted on one link holds for the next. */
final class WrongNodeCredit implements NodeCredit {
    private final GrantedCredit inner = new GrantedCredit();
    private final boolean boundless;
    private long granted;

    /** @param boundless whether anything may be sent; else what was granted on the link before counts on */
    WrongNodeCredit(final boolean boundless) {
        this.boundless = boundless;
    }

    @Override
    public void reset(final int windowRows, final long initialLimit) {
        granted = Math.max(granted, initialLimit);
        inner.reset(windowRows, boundless ? initialLimit : granted);
    }

    @Override
    public void onLimit(final long newLimit) {
        granted = Math.max(granted, newLimit);
        inner.onLimit(newLimit);
    }

    @Override
    public int available() {
        return boundless ? Shard.MAX_ROWS : inner.available();
    }

    @Override
    public SendOutcome allows(final int rowCount) {
        return boundless ? SendOutcome.SENT : inner.allows(rowCount);
    }

    @Override
    public void take(final int rowCount) {
        if (!boundless) {
            inner.take(rowCount);
        }
    }

    @Override
    public long dispatchedRows() {
        return inner.dispatchedRows();
    }

    @Override
    public int windowRows() {
        return inner.windowRows();
    }
}
