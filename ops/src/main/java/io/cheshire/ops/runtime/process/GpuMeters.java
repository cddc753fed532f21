package io.cheshire.ops.runtime.process;

import io.cheshire.model.runtime.cuda.nvml.GpuReading;
import io.cheshire.model.runtime.cuda.nvml.ThrottleReason;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** How this process's GPU is. Without a GPU, or anybody who knows it, there are no such figures. */
final class GpuMeters {
    private static final String GPU = "cheshire_gpu_";

    private final LiveFigures figures;
    private final GpuWatch watch;

    private GpuMeters(final LiveFigures figures, final GpuWatch watch) {
        this.figures = figures;
        this.watch = watch;
    }

    /** Registers them where somebody looks at a GPU. */
    static void bind(final LiveFigures figures, final @Nullable GpuWatch watch) {
        if (watch != null) {
            new GpuMeters(figures, watch).bind();
        }
    }

    private void bind() {
        gauges(
                "memory_bytes",
                "Memory of the GPU: used by whoever, and all of it",
                new Figure("used", GpuReading::usedBytes),
                new Figure("total", GpuReading::totalBytes));
        gauges(
                "power_watts",
                "Power of the GPU: drawn, and the limit in force",
                new Figure("drawn", GpuReading::powerWatts),
                new Figure("limit", GpuReading::powerLimitWatts));
        gauges(
                "clock_hertz",
                "Clocks of the GPU",
                new Figure("processor", GpuReading::processorHertz),
                new Figure("memory", GpuReading::memoryHertz));
        gauge("temperature_celsius", "Temperature of the GPU", GpuReading::temperature);
        figures.gauge(
                GPU + "throttled", "Whether the GPU's clocks are low for this reason", List.of("reason"), rows -> {
                    final GpuReading now = watch.latest();
                    if (now != null) {
                        for (final ThrottleReason reason : ThrottleReason.values()) {
                            rows.add(now.throttled().contains(reason) ? 1 : 0, reason.word());
                        }
                    }
                });
        figures.counter(
                GPU + "memory_errors",
                "Errors of the GPU's memory since the driver was loaded",
                List.of("ecc"),
                rows -> {
                    add(rows, GpuReading::correctedErrors, "corrected");
                    add(rows, GpuReading::uncorrectedErrors, "uncorrected");
                });
        figures.counter(
                GPU + "xids",
                "Xid events of the GPU since this process began to look",
                List.of(),
                rows -> add(rows, reading -> (double) reading.xids()));
        gauge("last_xid", "Number of the last of them; 0: none", reading -> (double) reading.lastXid());
    }

    private record Figure(String kind, ToDoubleFunction<GpuReading> of) {}

    private void gauges(final String name, final String help, final Figure... each) {
        figures.gauge(GPU + name, help, List.of("kind"), rows -> {
            for (final Figure figure : each) {
                add(rows, figure.of, figure.kind);
            }
        });
    }

    private void gauge(final String name, final String help, final ToDoubleFunction<GpuReading> figure) {
        figures.gauge(GPU + name, help, List.of(), rows -> add(rows, figure));
    }

    /** What the GPU doesn't tell has no row. */
    private void add(final LiveFigures.Rows rows, final ToDoubleFunction<GpuReading> figure, final String... labels) {
        final GpuReading now = watch.latest();
        if (now != null && !Double.isNaN(figure.applyAsDouble(now))) {
            rows.add(figure.applyAsDouble(now), labels);
        }
    }
}
