package io.cheshire.chaos.runtime;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions of a running system. */
public final class Await {
    private static final long POLL_NS = 5_000_000;

    private Await() {}

    /**
     * Returns as soon as the condition holds.
     *
     * @param what  the condition in words
     * @param state what to report when it does not come true
     * @throws IllegalStateException when it did not come true within {@code limit}, or this thread was interrupted
     */
    public static void until(
            final String what, final Duration limit, final BooleanSupplier condition, final Supplier<String> state) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNs > limit.toNanos()) {
                throw new IllegalStateException(
                        "not within " + limit.toSeconds() + " s: " + what + "; now: " + state.get());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while waiting: " + what);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }
}
