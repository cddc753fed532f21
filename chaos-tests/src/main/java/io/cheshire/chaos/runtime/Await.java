package io.cheshire.chaos.runtime;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions of a running system. */
public final class Await {
    private static final Duration POLL = Duration.ofMillis(5);

    /**
     * Between two looks at the cluster's figures: each has every member report, and the coordinator drops what is
     * beyond
     * {@code cheshire.coordinator.peer-rate}.
     */
    public static final Duration CLUSTER_POLL = Duration.ofMillis(200);

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
        until(what, limit, POLL, condition, state);
    }

    /** The same, looking every {@code poll}. */
    public static void until(
            final String what,
            final Duration limit,
            final Duration poll,
            final BooleanSupplier condition,
            final Supplier<String> state) {
        final long startNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNs > limit.toNanos()) {
                throw new IllegalStateException(
                        "not within " + limit.toSeconds() + " s: " + what + "; now: " + state.get());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while waiting: " + what);
            }
            LockSupport.parkNanos(poll.toNanos());
        }
    }
}
