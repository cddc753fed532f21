package io.cheshire.model.runtime.cuda.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.testing.FakeNvml;
import org.junit.jupiter.api.Test;

/** What a GPU's management library tells, by a library that g++ makes with its ABI. */
class NvmlTest {
    private static final String UUID = "GPU-00102030-4050-6070-8090-a0b0c0d0e0f0";

    private final FakeNvml fake = FakeNvml.fresh();
    private final String library = fake.library().toString();

    @Test
    void shouldReadEveryFigureInItsUnit() {
        fake.tells("temperature=61 corrected=7 uncorrected=1 reasons=69"); // idle, power cap, hardware thermal
        try (GpuHealth health = Nvml.open(library, UUID)) {
            final GpuReading reading = health.read();

            assertThat(reading.usedBytes()).isEqualTo(5.0 * (1L << 30));
            assertThat(reading.totalBytes()).isEqualTo(80.0 * (1L << 30));
            assertThat(reading.powerWatts()).isEqualTo(350);
            assertThat(reading.powerLimitWatts()).isEqualTo(700);
            assertThat(reading.temperature()).isEqualTo(61);
            assertThat(reading.processorHertz()).isEqualTo(1.98e9);
            assertThat(reading.memoryHertz()).isEqualTo(3.201e9);
            assertThat(reading.correctedErrors()).isEqualTo(7);
            assertThat(reading.uncorrectedErrors()).isEqualTo(1);
            assertThat(reading.throttled())
                    .containsExactlyInAnyOrder(ThrottleReason.POWER_CAP, ThrottleReason.HARDWARE_THERMAL);
            assertThat(reading.summary())
                    .isEqualTo("61 C, 350 W, of 700 W, 5.0 GiB used, 1980 MHz, 7 corrected, "
                            + "1 uncorrected memory errors, throttled: power-cap hardware-thermal");
        }
        assertThat(fake.open()).isZero();
    }

    @Test
    void shouldCountXidsSinceItBeganToLook() {
        try (GpuHealth health = Nvml.open(library, UUID)) {
            assertThat(health.read().xids()).isZero();
            fake.tells("xid=31 xid=79");
            final GpuReading reading = health.read();
            assertThat(reading.xids()).isEqualTo(2);
            assertThat(reading.lastXid()).isEqualTo(79);
            assertThat(reading.summary()).contains("2 Xids, the last is 79");
            assertThat(health.read().xids()).isEqualTo(2);
        }
    }

    @Test
    void shouldLeaveOutWhatAGpuDoesNotTell() {
        fake.tells("power=- corrected=- uncorrected=- used=- reasons=- no-events");
        try (GpuHealth health = Nvml.open(library, UUID)) {
            final GpuReading reading = health.read();
            assertThat(reading.powerWatts()).isNaN();
            assertThat(reading.correctedErrors()).isNaN();
            assertThat(reading.usedBytes()).isNaN();
            assertThat(reading.throttled()).isEmpty();
            assertThat(reading.summary()).isEqualTo("45 C, of 700 W, 1980 MHz");
        }
    }

    @Test
    void shouldSayWhyThereIsNothingToAsk() {
        assertThatThrownBy(() -> Nvml.open("libnvidia-ml-absent.so.1", UUID))
                .isInstanceOf(NvmlException.class)
                .hasMessageContaining("cheshire.cuda.health-library");
        assertThatThrownBy(() -> Nvml.open(library, "MIG-1"))
                .isInstanceOf(NvmlException.class)
                .hasMessageContaining("nvmlDeviceGetHandleByUUID answered 6 (no such GPU)");
        assertThat(fake.open()).as("closed again").isZero();
        fake.tells("no-driver");
        assertThatThrownBy(() -> Nvml.open(library, UUID)).hasMessageContaining("9 (the driver isn't loaded)");
    }

    @Test
    void shouldGiveUpAGpuThatIsLost() {
        try (GpuHealth health = Nvml.open(library, UUID)) {
            health.read();
            fake.tells("lost");
            assertThatThrownBy(health::read)
                    .isInstanceOf(NvmlException.class)
                    .hasMessageContaining("15 (the GPU is lost)");
        }
    }
}
