package io.cheshire.planner.runtime.watch;

import io.cheshire.planner.core.watch.Look;
import io.cheshire.planner.core.watch.PlanMetrics;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;

/** The figures of the last look, for a registry of Prometheus. Safe from any thread. */
public final class PlanFigures implements MultiCollector {
    private volatile List<PlanMetrics.Figure> figures = List.of();

    /** From now on it shows this. */
    public void show(final Look look) {
        figures = PlanMetrics.of(look);
    }

    /** Old figures would look as if all were well. */
    public void showNothing() {
        figures = List.of();
    }

    @Override
    public MetricSnapshots collect() {
        final MetricSnapshots.Builder all = MetricSnapshots.builder();
        figures.stream().filter(figure -> !figure.samples().isEmpty()).forEach(figure -> {
            final GaugeSnapshot.Builder gauge =
                    GaugeSnapshot.builder().name(figure.name()).help(figure.help());
            figure.samples()
                    .forEach(sample -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                            .labels(labels(sample))
                            .value(sample.value())
                            .build()));
            all.metricSnapshot(gauge.build());
        });
        return all.build();
    }

    private static Labels labels(final PlanMetrics.Sample sample) {
        final Labels.Builder labels = Labels.builder();
        sample.labels().forEach(labels::label);
        return labels.build();
    }
}
