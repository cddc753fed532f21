package io.cheshire.transport.core;

/**
 * Tells a frame that was here before by its number. Numbers grow; those up to {@value #WIDTH} below the highest may
 * still come late, as where a network reorders, once each. What is older is taken for a replay. One thread; allocates
 * nothing.
 */
public final class ReplayWindow {
    static final int WIDTH = Long.SIZE;

    private long highest;
    /** Bit i: number {@code highest - i} was here. */
    private long seen;

    /** Whether this number is new; from now on it isn't. Only for a frame that is known to be genuine. */
    public boolean accept(final long number) {
        if (number < 1) {
            return false;
        }
        if (number > highest) {
            final long ahead = number - highest;
            seen = ahead >= WIDTH ? 1 : seen << ahead | 1;
            highest = number;
            return true;
        }
        final long behind = highest - number;
        if (behind >= WIDTH || (seen >>> behind & 1) != 0) {
            return false;
        }
        seen |= 1L << behind;
        return true;
    }
}
