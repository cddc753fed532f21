package io.cheshire.transport.core;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counters written by one thread, read by any. */
@SuppressWarnings("EnumOrdinal") // counters in an array, one place a constant, within this JVM only
public final class TransportCounters {
    private final AtomicLongArray counts = new AtomicLongArray(TransportCounter.values().length);

    /** One more. */
    public void increment(final TransportCounter counter) {
        counts.setOpaque(counter.ordinal(), counts.getOpaque(counter.ordinal()) + 1);
    }

    /** A count that is kept elsewhere. */
    public void set(final TransportCounter counter, final long count) {
        counts.setOpaque(counter.ordinal(), count);
    }

    public long get(final TransportCounter counter) {
        return counts.getOpaque(counter.ordinal());
    }
}
