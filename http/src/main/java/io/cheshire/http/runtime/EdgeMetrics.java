package io.cheshire.http.runtime;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Meters that every listener has. Labels come from fixed sets only, never from a request. Thread-safe. */
class EdgeMetrics {
    private final MeterRegistry registry;

    EdgeMetrics(final MeterRegistry registry) {
        this.registry = registry;
    }

    final MeterRegistry registry() {
        return registry;
    }

    /** What requests of a listener hold of its budget for bodies. Registered once a listener. */
    final void bodies(final String meter, final LongSupplier heldBytes) {
        Gauge.builder(meter, heldBytes, LongSupplier::getAsLong)
                .description("Bytes that requests hold before they run")
                .strongReference(true)
                .register(registry);
    }

    /** A certificate is valid until then; afterwards the figure is negative. Registered once a listener. */
    final void certificateExpires(final String meter, final Instant when) {
        TimeGauge.builder(meter, () -> Duration.between(Instant.now(), when).toSeconds(), TimeUnit.SECONDS)
                .description("Until the listener's certificate expires")
                .register(registry);
    }

    /** A request that was refused; {@code reason} is one of our own codes. */
    final void rejected(final String reason) {
        registry.counter("cheshire.http.rejected", "reason", reason).increment();
    }

    /**
     * A response has ended.
     *
     * @param route  the endpoint's path as it is defined, or a word for all that have none
     * @param status as it was sent; 0 where the client left before
     */
    final void answered(final String route, final int status) {
        registry.counter("cheshire.http.responses", "route", route, "status", status == 0 ? "none" : text(status))
                .increment();
    }

    private static String text(final int status) {
        return Integer.toString(status);
    }
}
