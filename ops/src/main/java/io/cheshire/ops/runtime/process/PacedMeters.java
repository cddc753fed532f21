package io.cheshire.ops.runtime.process;

import io.cheshire.model.runtime.paced.Lateness;
import java.util.List;

/** Whether paced kernels kept to their times. Only a process whose kernels are paced has these figures. */
final class PacedMeters {
    private static final double NS_PER_SECOND = 1e9;

    private PacedMeters() {}

    static void bind(final LiveFigures figures, final ComputeDevice device) {
        final Lateness lateness = device.lateness();
        if (lateness == null) {
            return;
        }
        figures.gauge(
                "cheshire_paced_lateness_seconds",
                "How much later than due paced calls returned",
                List.of("quantile"),
                rows -> {
                    rows.add(lateness.quantileNs(0.5) / NS_PER_SECOND, "0.5");
                    rows.add(lateness.quantileNs(0.99) / NS_PER_SECOND, "0.99");
                    rows.add(lateness.maxNs() / NS_PER_SECOND, "1");
                });
        figures.gauge(
                "cheshire_paced_lateness_step_ratio",
                "What lateness adds to the shortest step, as a share of it",
                List.of(),
                rows -> rows.add(lateness.shareOfStep()));
        figures.gauge(
                "cheshire_paced_valid",
                "Whether times measured with these kernels are those of the calibration",
                List.of(),
                rows -> rows.add(lateness.valid() ? 1 : 0));
        figures.counter(
                "cheshire_paced_calls",
                "Calls of paced kernels",
                List.of(),
                rows -> rows.add((double) lateness.calls()));
    }
}
