package io.cheshire.benchmarks.serve.core;

import java.util.Arrays;

/** When the tokens of one request arrived. Written by one thread, then handed over. */
public final class TokenTimes {
    private long[] timesNs = new long[64];
    private int count;

    /** Notes one token. */
    public void add(final long nowNs) {
        if (count == timesNs.length) {
            timesNs = Arrays.copyOf(timesNs, Math.multiplyExact(count, 2));
        }
        timesNs[count++] = nowNs;
    }

    public int count() {
        return count;
    }

    /** When token {@code index} arrived, on the run's clock. */
    public long timeNs(final int index) {
        return timesNs[java.util.Objects.checkIndex(index, count)];
    }
}
