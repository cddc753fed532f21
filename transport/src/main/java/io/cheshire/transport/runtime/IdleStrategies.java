package io.cheshire.transport.runtime;

import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** Makes the idle strategy that the configuration names. An idle strategy belongs to one thread. */
public final class IdleStrategies {
    private static final int MAX_SPINS = 10;
    private static final int MAX_YIELDS = 20;
    private static final long MIN_PARK_NS = 1_000;
    private static final long MAX_PARK_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private IdleStrategies() {}

    public static IdleStrategy of(final TransportConfig.Idle idle) {
        return switch (idle) {
            case BACKOFF -> new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK_NS, MAX_PARK_NS);
            case SPIN -> new BusySpinIdleStrategy();
        };
    }
}
