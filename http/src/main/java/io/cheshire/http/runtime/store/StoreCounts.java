package io.cheshire.http.runtime.store;

import java.util.concurrent.atomic.LongAdder;

/** What became of things since the store was opened. Thread-safe. */
public final class StoreCounts {
    private final LongAdder expired = new LongAdder();
    private final LongAdder evicted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** Things that had had their time. */
    public long expired() {
        return expired.sum();
    }

    /** Responses that made room for others. */
    public long evicted() {
        return evicted.sum();
    }

    /** Things, or parts of files, for which there was no room. */
    public long refused() {
        return refused.sum();
    }

    void oneExpired() {
        expired.increment();
    }

    void oneEvicted() {
        evicted.increment();
    }

    FullException full(final String what, final String setting) {
        refused.increment();
        return new FullException(what, setting);
    }
}
