package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.ops.runtime.BuildInfo;
import io.cheshire.ops.runtime.StandardError;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** Meters that every process has, whatever its role. */
final class ProcessMeters {
    private ProcessMeters() {}

    /** A registry with the meters of the JVM, the log and the build. */
    static PrometheusMeterRegistry registry(final String role) {
        final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        FunctionCounter.builder("cheshire.log.dropped.lines", registry, r -> StandardError.processDroppedLines())
                .description("Lines that standard error did not take in time")
                .register(registry);
        Gauge.builder("cheshire.build.info", () -> 1)
                .tag("version", BuildInfo.own().version())
                .tag("commit", BuildInfo.own().commit())
                .tag("role", role)
                .description("What this process was built from; always 1")
                .register(registry);
        return registry;
    }

    /** What a member of a cluster has beside. */
    static void bind(final MeterRegistry registry, final ClusterSystem cluster) {
        FunctionCounter.builder("cheshire.control.plane.refused", cluster, ClusterSystem::refusedPeers)
                .description("Handshakes of this process in the control plane that failed: a peer without the secret")
                .register(registry);
    }
}
