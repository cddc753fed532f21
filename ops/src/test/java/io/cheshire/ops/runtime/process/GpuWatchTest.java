package io.cheshire.ops.runtime.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.runtime.cuda.nvml.GpuReading;
import io.cheshire.model.testing.FakeNvml;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A GPU's health from the library to the figures, and what becomes of it when the GPU is lost. */
@Timeout(60)
class GpuWatchTest {
    private static final String UUID = "GPU-00102030-4050-6070-8090-a0b0c0d0e0f0";
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private final FakeNvml fake = FakeNvml.fresh();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private volatile boolean lost;

    private GpuWatch watch(final String library) {
        final GpuWatch watch = GpuWatch.start(new GpuHealthConfig(library, INTERVAL_NS), UUID, () -> lost);
        GpuMeters.bind(new LiveFigures(registry), watch);
        return watch;
    }

    private static GpuReading awaitReading(final GpuWatch watch) {
        GpuReading reading = watch.latest();
        while (reading == null) {
            LockSupport.parkNanos(INTERVAL_NS);
            reading = watch.latest();
        }
        return reading;
    }

    @Test
    void shouldShowWhatTheGpuTellsAndNothingElse() {
        fake.tells("temperature=83 power=- reasons=64 corrected=3 xid=79");
        try (GpuWatch watch = watch(fake.library().toString())) {
            awaitReading(watch);
            assertThat(registry.scrape().lines())
                    .contains(
                            "cheshire_gpu_temperature_celsius 83.0",
                            "cheshire_gpu_power_watts{kind=\"limit\"} 700.0",
                            "cheshire_gpu_memory_bytes{kind=\"total\"} 8.589934592E10",
                            "cheshire_gpu_clock_hertz{kind=\"processor\"} 1.98E9",
                            "cheshire_gpu_throttled{reason=\"hardware-thermal\"} 1.0",
                            "cheshire_gpu_throttled{reason=\"power-cap\"} 0.0",
                            "cheshire_gpu_memory_errors_total{ecc=\"corrected\"} 3.0",
                            "cheshire_gpu_xids_total 1.0",
                            "cheshire_gpu_last_xid 79.0")
                    .noneMatch(line -> line.contains("kind=\"drawn\""));
        }
    }

    @Test
    void shouldCallNothingOnceTheGpuIsLost() {
        try (GpuWatch watch = watch(fake.library().toString())) {
            awaitReading(watch);
            lost = true;
            assertThat(watch.latest()).isNull();
            watch.awaitEnd();
            final long calls = fake.calls();
            assertThat(fake.open()).as("not even closed").isEqualTo(1);
            assertThat(registry.scrape().lines()).noneMatch(line -> line.startsWith("cheshire_gpu_"));
            assertThat(fake.calls()).isEqualTo(calls);
        }
    }

    @Test
    void shouldEndWhenTheLibrarySaysThatTheGpuIsGone() {
        try (GpuWatch watch = watch(fake.library().toString())) {
            awaitReading(watch);
            fake.tells("lost");
            watch.awaitEnd();
            assertThat(watch.latest()).isNull();
        }
    }

    @Test
    void shouldDoWithoutTheLibrary() {
        try (GpuWatch watch = watch("libnvidia-ml-absent.so.1")) {
            watch.awaitEnd();
            assertThat(watch.latest()).isNull();
            assertThat(registry.scrape().lines()).noneMatch(line -> line.startsWith("cheshire_gpu_"));
        }
    }

    @Test
    void shouldCloseTheLibraryWhenTheProcessEnds() {
        final GpuWatch watch = watch(fake.library().toString());
        awaitReading(watch);
        watch.close();
        watch.awaitEnd();
        assertThat(fake.open()).isZero();
    }
}
