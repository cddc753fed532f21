package io.cheshire.router.runtime.engine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long lanes waited, in classes of time. Written by the engine thread without allocating, read by any; a reader may
 * see a wait in its class that isn't in the sum yet.
 */
public final class WaitHistogram {
    private static final long US = 1_000;
    private static final long MS = 1_000_000;
    /** Upper ends of the classes, in nanoseconds; a last class takes what is longer. */
    private static final long[] UP_TO_NS = {
        50 * US,
        100 * US,
        200 * US,
        500 * US,
        MS,
        2 * MS,
        5 * MS,
        10 * MS,
        20 * MS,
        50 * MS,
        100 * MS,
        200 * MS,
        500 * MS,
        1_000 * MS,
        2_000 * MS,
        5_000 * MS,
        10_000 * MS
    };

    private final AtomicLongArray counts = new AtomicLongArray(UP_TO_NS.length + 1);
    private final AtomicLong sumNs = new AtomicLong();

    /** One writer: no locked instruction needed. */
    void record(final long ns) {
        int at = 0;
        while (at < UP_TO_NS.length && ns > UP_TO_NS[at]) {
            at++;
        }
        counts.setRelease(at, counts.getPlain(at) + 1);
        sumNs.setRelease(sumNs.getPlain() + ns);
    }

    /** Classes, the last one included. */
    public int classes() {
        return counts.length();
    }

    /** Upper end of a class, in nanoseconds; {@link Long#MAX_VALUE} of the last. */
    public long upToNs(final int index) {
        return index < UP_TO_NS.length ? UP_TO_NS[index] : Long.MAX_VALUE;
    }

    /** Waits in a class. */
    public long count(final int index) {
        return counts.getAcquire(index);
    }

    /** All waits together, in nanoseconds. */
    public long sumNs() {
        return sumNs.getAcquire();
    }
}
