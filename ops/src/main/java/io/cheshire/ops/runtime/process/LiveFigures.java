package io.cheshire.ops.runtime.process;

import io.cheshire.router.runtime.engine.WaitHistogram;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.function.Consumer;

/**
 * Figures that are read when somebody asks for them: those of members that come and go, and histograms that the writer
 * keeps in arrays of its own. Names are as Prometheus shows them, counters without {@code _total}.
 */
final class LiveFigures {
    private static final double NS_PER_SECOND = 1e9;

    private final PrometheusMeterRegistry registry;

    LiveFigures(final PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    /** Takes the figures of one name. */
    @FunctionalInterface
    interface Rows {
        /** @param labels values, in the order of their names */
        void add(double value, String... labels);
    }

    /** One value for each combination of labels that there is at the time. */
    void gauge(final String name, final String help, final List<String> labels, final Consumer<Rows> read) {
        register(() -> {
            final GaugeSnapshot.Builder snapshot =
                    GaugeSnapshot.builder().name(name).help(help);
            read.accept((value, values) -> snapshot.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(labels(labels, values))
                    .value(value)
                    .build()));
            return snapshot.build();
        });
    }

    /** The same of what only grows while its owner lives. */
    void counter(final String name, final String help, final List<String> labels, final Consumer<Rows> read) {
        register(() -> {
            final CounterSnapshot.Builder snapshot =
                    CounterSnapshot.builder().name(name).help(help);
            read.accept((value, values) -> snapshot.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(labels(labels, values))
                    .value(value)
                    .build()));
            return snapshot.build();
        });
    }

    /** How long something was waited for, in seconds. */
    void histogram(final String name, final String help, final WaitHistogram waits) {
        register(() -> {
            final double[] upTo = new double[waits.classes()];
            final long[] counts = new long[waits.classes()];
            for (int i = 0; i < counts.length; i++) {
                upTo[i] =
                        waits.upToNs(i) == Long.MAX_VALUE ? Double.POSITIVE_INFINITY : waits.upToNs(i) / NS_PER_SECOND;
                counts[i] = waits.count(i);
            }
            return HistogramSnapshot.builder()
                    .name(name)
                    .help(help)
                    .dataPoint(HistogramDataPointSnapshot.builder()
                            .classicHistogramBuckets(ClassicHistogramBuckets.of(upTo, counts))
                            .sum(waits.sumNs() / NS_PER_SECOND)
                            .build())
                    .build();
        });
    }

    private void register(final Collector collector) {
        registry.getPrometheusRegistry().register(collector);
    }

    private static Labels labels(final List<String> names, final String... values) {
        return Labels.of(names.toArray(String[]::new), values);
    }
}
