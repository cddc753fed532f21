package io.cheshire.chaos.sim.link;

import io.cheshire.transport.core.RouterCredit;
import io.cheshire.transport.core.WindowCredit;
import java.util.SplittableRandom;

/** A planted bug: the node keeps the credit of some answered rows. */
final class ForgettingCredit implements RouterCredit {
    private static final int ONE_IN = 20;

    private final RouterCredit inner;
    private final SplittableRandom random;
    private boolean forgets;

    ForgettingCredit(final int windowRows, final SplittableRandom random) {
        this.inner = new WindowCredit(windowRows);
        this.random = random;
    }

    @Override
    public void onDispatchedRows(final long dispatchedRows) {
        inner.onDispatchedRows(dispatchedRows);
    }

    @Override
    public boolean hold(final int rowCount) {
        return inner.hold(rowCount);
    }

    @Override
    public long limitAfterRelease(final int rowCount) {
        forgets = random.nextInt(ONE_IN) == 0;
        return forgets ? inner.limit() : inner.limitAfterRelease(rowCount);
    }

    @Override
    public void release(final int rowCount) {
        if (!forgets) {
            inner.release(rowCount);
        }
        forgets = false;
    }

    @Override
    public long limit() {
        return inner.limit();
    }

    @Override
    public int heldRows() {
        return inner.heldRows();
    }

    @Override
    public int windowRows() {
        return inner.windowRows();
    }
}
