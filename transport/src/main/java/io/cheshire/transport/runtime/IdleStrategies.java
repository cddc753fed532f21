package io.cheshire.transport.runtime;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** Makes the idle strategy that the configuration names. An idle strategy belongs to one thread. */
public final class IdleStrategies {
    private static final int MAX_SPINS = 10;
    private static final int MAX_YIELDS = 20;
    private static final long MIN_PARK_NS = 1_000;
    private static final long MAX_PARK_NS = TimeUnit.MILLISECONDS.toNanos(1);
    /**
     * About half a second: far longer than between two steps, so that nothing under load ever waits for a rest's end.
     */
    private static final int IDLES_BEFORE_REST = 500;

    private static final long REST_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private IdleStrategies() {}

    /**
     * What a thread of the data plane does between duty cycles. A new one for each thread, which {@code unpark} wakes.
     */
    public static IdleStrategy of(final TransportConfig.Idle idle) {
        return switch (idle) {
            case BACKOFF ->
                new RestingIdleStrategy(
                        new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK_NS, MAX_PARK_NS),
                        IDLES_BEFORE_REST,
                        () -> LockSupport.parkNanos(REST_NS));
            case SPIN -> new BusySpinIdleStrategy();
        };
    }
}
