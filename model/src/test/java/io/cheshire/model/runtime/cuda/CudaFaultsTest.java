package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.model.runtime.onednn.RandomWeights;
import io.cheshire.model.testing.EmulatedCuda;
import io.cheshire.model.testing.GonePages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong with a GPU, on one that goes wrong on request (docs/gpu.md). */
class CudaFaultsTest {
    private static final RandomWeights WEIGHTS =
            new RandomWeights(RandomWeights.config(50, 32, 48, 1, 2, 1, 16, 4, null), Dtype.BF16, 9);
    private static final long LONG_NS = TimeUnit.MINUTES.toNanos(2);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment rows = arena.allocate(8L * 32 * Short.BYTES, 64);
    private final MemorySegment results = arena.allocate(8L * 32 * Float.BYTES, 64);
    private final List<DeviceLostException> losses = new ArrayList<>();

    @AfterEach
    void close() {
        arena.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {226, 700, 702, 714, 715, 716, 717, 718, 719, 721, 810, 911, 214, 220, 999})
    void shouldLoseTheDeviceWithAnErrorThatKillsItsContext(final int code) {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS);
                ExpertKernel expert = load(kernels)) {
            emulated.faults("launch=2:" + code);
            assertThatThrownBy(() -> expert.forward(rows, 8, results))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining(Integer.toString(code))
                    .hasMessageContaining("last kernels: ");
            assertThatThrownBy(() -> expert.forward(rows, 8, results)).isInstanceOf(DeviceLostException.class);
            assertThatThrownBy(() -> load(kernels)).isInstanceOf(DeviceLostException.class);
        }
        assertThat(losses).hasSize(1);
    }

    @Test
    void shouldLoseTheDeviceWhenAKernelNeverEnds() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, TimeUnit.MILLISECONDS.toNanos(300), LONG_NS);
                ExpertKernel expert = load(kernels)) {
            emulated.faults("hang=2");
            assertThatThrownBy(() -> expert.forward(rows, 8, results))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("hang-timeout");
        }
        assertThat(losses).hasSize(1);
    }

    @Test
    void shouldFailOneLoadOnlyWhenTheDeviceIsFull() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS);
                ExpertKernel expert = load(kernels)) {
            final float[] before = forward(expert);
            emulated.faults("oom=1");
            assertThatThrownBy(() -> load(kernels))
                    .isInstanceOf(CudaException.class)
                    .hasMessageContaining("bytes are left on the device for layer 0 expert 1");
            assertThat(forward(expert)).isEqualTo(before);
            emulated.faults("");
            load(kernels).close();
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldGiveBackWhatItTookForCallsThatItHasNoRoomFor() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        final RandomWeights wide =
                new RandomWeights(RandomWeights.config(50, 256, 512, 1, 2, 1, 16, 4, null), Dtype.BF16, 9);
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS)) {
            final long freeBytes = freeBytes(kernels);
            final long packedBytes = 512L * 256 * Short.BYTES;
            emulated.faults("oom=" + ((2L << 30) - freeBytes + packedBytes));
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> load(kernels, wide, 512))
                        .isInstanceOf(CudaException.class)
                        .hasMessageContaining("bytes are left on the device for activations");
                assertThat(freeBytes(kernels)).isEqualTo(packedBytes);
            }
            emulated.faults("");
            load(kernels, wide, 512).close();
        }
        assertThat(losses).isEmpty();
    }

    /** Weights before it are still on their way to the device then. */
    @ParameterizedTest
    @EnumSource(names = {"BF16", "FP32"})
    void shouldGiveBackWhatItTookForAnExpertWhosePageIsGone(final Precision precision) {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        final UnitWeights unit = WEIGHTS.unit(new ExpertKey(0, 1));
        final UnitWeights gone = new UnitWeights(unit.key(), unit.w1(), GonePages.of(unit.w2()), unit.w3());
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS)) {
            kernels.loadExpert(WEIGHTS.config(), precision, unit, 8).close();
            final long freeBytes = freeBytes(kernels);
            emulated.faults("slow=20000");
            assertThatThrownBy(() -> kernels.loadExpert(WEIGHTS.config(), precision, gone, 8))
                    .isInstanceOf(InternalError.class);
            assertThat(freeBytes(kernels)).isEqualTo(freeBytes);
            emulated.faults("");
            kernels.loadExpert(WEIGHTS.config(), precision, unit, 8).close();
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldFindOutThatResultsAreCorrupted() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, 1);
                ExpertKernel expert = load(kernels)) {
            forward(expert);
            emulated.faults("flip=1");
            assertThatThrownBy(() -> forward(expert))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("corrupts results");
        }
        assertThat(losses).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 209, 218, 221, 222})
    void shouldSayWhichDriverIsNeededWhenItDoesntTakeTheKernels(final int code) {
        final EmulatedCuda emulated = EmulatedCuda.fresh().faults("load=" + code);
        assertThatThrownBy(() -> open(emulated, LONG_NS, LONG_NS))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("R470 or later")
                .hasMessageContaining(Integer.toString(code));
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldWaitForADeviceThatIsBusyAtFirst() {
        final EmulatedCuda emulated = EmulatedCuda.fresh().faults("busy=2");
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS);
                ExpertKernel expert = load(kernels)) {
            assertThat(forward(expert)).doesNotContain(Float.NaN);
        }
    }

    @Test
    void shouldDoWithoutStreamsThatWriteValues() {
        final EmulatedCuda plain = EmulatedCuda.fresh();
        final EmulatedCuda without = EmulatedCuda.fresh().faults("nowrite");
        try (CudaKernels some = open(plain, LONG_NS, LONG_NS);
                CudaKernels others = open(without, LONG_NS, LONG_NS);
                ExpertKernel first = load(some);
                ExpertKernel second = load(others)) {
            assertThat(forward(second)).isEqualTo(forward(first));
        }
    }

    /** The test's own test: a flag that comes before the work does is seen. */
    @Test
    void shouldSeeResultsThatAreReadTooEarly() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS);
                ExpertKernel expert = load(kernels)) {
            final float[] right = forward(expert);
            for (int i = 0; i < 8 * 32; i++) {
                rows.setAtIndex(java.lang.foreign.ValueLayout.JAVA_SHORT, i, (short) 0x3f80);
            }
            emulated.faults("early slow=100000");
            assertThat(forward(expert)).isEqualTo(right); // what was there before
            emulated.faults("");
            assertThat(forward(expert)).isNotEqualTo(right);
        }
    }

    @Test
    void shouldSayThatThereIsNoDriver() {
        assertThatThrownBy(() -> CudaDevice.find(new CudaConfig("libcuda-absent.so.1", "0", 1, 1, 1)))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("cheshire.cuda.driver-library");
    }

    @Test
    void shouldFindADeviceByItsUuidAndRefuseOthers() {
        final String library =
                EmulatedCuda.fresh().faults("devices=3").library().toString();
        assertThat(CudaDevice.find(new CudaConfig(library, "2", 1, 1, 1)).uuid())
                .isEqualTo("GPU-02122232-4252-6272-8292-a2b2c2d2e2f2");
        assertThat(CudaDevice.find(new CudaConfig(library, "GPU-01112131-4151-6171-8191-a1b1c1d1e1f1", 1, 1, 1))
                        .handle())
                .isEqualTo(1);
        assertThatThrownBy(() -> CudaDevice.find(new CudaConfig(library, "3", 1, 1, 1)))
                .hasMessageContaining("no device 3 among the driver's 3");
    }

    @Test
    void shouldRefuseADeviceThatIsTooOld() {
        final String library = EmulatedCuda.fresh().faults("arch=75").library().toString();
        assertThatThrownBy(() -> CudaDevice.find(new CudaConfig(library, "0", 1, 1, 1)))
                .hasMessageContaining("sm_75; the kernels need sm_80");
    }

    @Test
    void shouldTellNumericsOfTensorCoresApart() {
        final EmulatedCuda ampere = EmulatedCuda.fresh().faults("arch=86");
        try (CudaKernels hopper = open(EmulatedCuda.fresh(), LONG_NS, LONG_NS);
                CudaKernels other = open(ampere, LONG_NS, LONG_NS)) {
            assertThat(hopper.expertNumerics(Precision.BF16)).isEqualTo("cuda1 f25k16 sm_90 emulated");
            assertThat(other.expertNumerics(Precision.BF16)).isEqualTo("cuda1 f24k8 sm_86 emulated");
            assertThat(hopper.description()).contains("bits as predicted");
            assertThat(other.description()).contains("bits as predicted");
            assertThat(hopper.numerics(Precision.BF16))
                    .isEqualTo("cuda1 f25k16 sm_90 emulated, cuda router 1 f25k16 sm_90 emulated");
        }
    }

    private CudaKernels open(final EmulatedCuda emulated, final long hangTimeoutNs, final long selfTestIntervalNs) {
        return EmulatedKernels.open(emulated, hangTimeoutNs, selfTestIntervalNs, losses::add);
    }

    private static ExpertKernel load(final CudaKernels kernels) {
        return load(kernels, WEIGHTS, 8);
    }

    private static ExpertKernel load(final CudaKernels kernels, final RandomWeights weights, final int maxRows) {
        return kernels.loadExpert(weights.config(), Precision.BF16, weights.unit(new ExpertKey(0, 1)), maxRows);
    }

    private static long freeBytes(final CudaKernels kernels) {
        return kernels.context().get(() -> kernels.context().driver().freeBytes());
    }

    private float[] forward(final ExpertKernel expert) {
        expert.forward(rows, 8, results);
        return results.toArray(JAVA_FLOAT);
    }
}
