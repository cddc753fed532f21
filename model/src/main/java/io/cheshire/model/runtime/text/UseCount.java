package io.cheshire.model.runtime.text;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Frees something native that any thread may be calling: at the end of the last call that had begun, by the thread that
 * made it. No lock is held meanwhile, and whoever closes doesn't wait. Thread-safe.
 */
final class UseCount implements AutoCloseable {
    /** The bit of {@link #state} that lets no more calls begin; the others count those under way. */
    private static final int CLOSED = Integer.MIN_VALUE;

    private final AtomicInteger state = new AtomicInteger();
    private final String what;
    private final Runnable free;

    /**
     * @param what is freed, for people
     * @param free called once
     */
    UseCount(final String what, final Runnable free) {
        this.what = what;
        this.free = free;
    }

    /**
     * Calls it.
     *
     * @throws IllegalStateException it is closed
     */
    <T> T during(final Supplier<T> call) {
        begin();
        try {
            return call.get();
        } finally {
            if (state.decrementAndGet() == CLOSED) {
                free.run();
            }
        }
    }

    private void begin() {
        int before = state.get();
        while (!closed(before) && !state.compareAndSet(before, before + 1)) {
            before = state.get();
        }
        if (closed(before)) {
            throw new IllegalStateException(what + " is closed");
        }
    }

    private static boolean closed(final int value) {
        return (value & CLOSED) != 0;
    }

    /** Lets no more calls begin. */
    @Override
    public void close() {
        if (state.getAndUpdate(before -> before | CLOSED) == 0) {
            free.run();
        }
    }
}
