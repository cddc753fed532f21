package io.cheshire.transport.core;

/** At most so many of a thing in a period, by the caller's clock. One thread. */
public final class RateLimit {
    private final int max;
    private final long periodNs;
    private boolean begun;
    private long sinceNs;
    private int taken;

    public RateLimit(final int max, final long periodNs) {
        this.max = max;
        this.periodNs = periodNs;
    }

    /** Whether one more is allowed now, and takes it. */
    public boolean tryTake(final long nowNs) {
        if (!begun || nowNs - sinceNs >= periodNs) {
            begun = true;
            sinceNs = nowNs;
            taken = 0;
        }
        if (taken >= max) {
            return false;
        }
        taken++;
        return true;
    }
}
