package io.cheshire.ops.runtime.process;

import io.cheshire.ops.runtime.StandardError;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineMetrics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;

/** The meters of a router process beyond those of its HTTP edge. */
final class EngineMeters {
    private static final double NS_PER_SECOND = 1e9;

    private EngineMeters() {}

    static PrometheusMeterRegistry registry() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    /** Counters of the engine and of the JVM. Labels come from fixed sets only. */
    static void bind(final MeterRegistry registry, final EngineAgent engine) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        FunctionCounter.builder("cheshire.log.dropped.lines", registry, r -> StandardError.processDroppedLines())
                .description("Lines that standard error did not take in time")
                .register(registry);
        final EngineMetrics metrics = engine.metrics();
        for (final EngineMetrics.Phase phase : EngineMetrics.Phase.values()) {
            FunctionCounter.builder("cheshire.engine.phase.seconds", metrics, m -> m.nanos(phase) / NS_PER_SECOND)
                    .tag("phase", phase.name().toLowerCase(Locale.ROOT))
                    .description("Where the lanes' time went")
                    .register(registry);
        }
        for (final EngineMetrics.Counter counter : EngineMetrics.Counter.values()) {
            FunctionCounter.builder("cheshire.engine.count", metrics, m -> m.get(counter))
                    .tag("what", counter.name().toLowerCase(Locale.ROOT))
                    .description("What the engine did since start")
                    .register(registry);
        }
    }
}
