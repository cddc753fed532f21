package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KernelCall;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.model.runtime.onednn.RandomWeights;
import io.cheshire.model.testing.EmulatedCuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two calls of one expert under way at once on a GPU, and what becomes of both when it fails (docs/gpu.md). */
class CudaCallsInFlightTest {
    private static final int HIDDEN = 32;
    private static final int ROWS = 8;
    private static final int MANY_ROWS = ExpertBuffers.MAX_BLOCK_ROWS + 40;
    private static final RandomWeights WEIGHTS =
            new RandomWeights(RandomWeights.config(50, HIDDEN, 48, 1, 2, 1, 16, 4, null), Dtype.BF16, 9);
    private static final long LONG_NS = TimeUnit.MINUTES.toNanos(2);

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment rows = rows(0.25f);
    private final MemorySegment otherRows = rows(-0.5f);
    private final MemorySegment results = arena.allocate((long) MANY_ROWS * HIDDEN * Float.BYTES, 64);
    private final MemorySegment otherResults = arena.allocate((long) MANY_ROWS * HIDDEN * Float.BYTES, 64);
    private final List<DeviceLostException> losses = new ArrayList<>();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void shouldGiveBothCallsTheBitsThatTheyHaveAlone() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS);
                ExpertKernel expert = load(kernels)) {
            expert.forward(rows, MANY_ROWS, results);
            final float[] alone = results.toArray(JAVA_FLOAT);
            expert.forward(otherRows, ROWS, otherResults);
            final float[] otherAlone = otherResults.toArray(JAVA_FLOAT);
            results.fill((byte) -1);
            otherResults.fill((byte) -1);

            final KernelCall first = expert.begin(rows, MANY_ROWS, results);
            final KernelCall second = expert.begin(otherRows, ROWS, otherResults);
            assertThatThrownBy(() -> expert.begin(rows, 1, results))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cheshire.device.jobs-in-flight");
            end(second);
            end(first);

            assertThat(results.toArray(JAVA_FLOAT)).isEqualTo(alone);
            assertThat(otherResults
                            .asSlice(0, (long) ROWS * HIDDEN * Float.BYTES)
                            .toArray(JAVA_FLOAT))
                    .containsExactly(java.util.Arrays.copyOf(otherAlone, ROWS * HIDDEN));
            expert.forward(rows, ROWS, results); // both places are free again
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldComputeOnePlacesCallWhileAnotherIsHeldUp() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, TimeUnit.MILLISECONDS.toNanos(300), LONG_NS);
                ExpertKernel expert = load(kernels)) {
            expert.forward(otherRows, ROWS, otherResults);
            final float[] right = otherResults.toArray(JAVA_FLOAT);
            otherResults.fill((byte) -1);
            emulated.faults("hang=2");

            final KernelCall hanging = expert.begin(rows, ROWS, results);
            final KernelCall other = expert.begin(otherRows, ROWS, otherResults);
            end(other);
            assertThat(otherResults.toArray(JAVA_FLOAT)).startsWith(java.util.Arrays.copyOf(right, ROWS * HIDDEN));

            assertThatThrownBy(() -> end(hanging))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("hang-timeout");
            assertThatThrownBy(() -> expert.begin(rows, ROWS, results)).isInstanceOf(DeviceLostException.class);
        }
        assertThat(losses).hasSize(1);
    }

    @Test
    void shouldRefuseBothCallsWhenOneGetsAnErrorThatKillsTheContext() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS);
                ExpertKernel expert = load(kernels)) {
            emulated.faults("launch=5:719"); // of the second call; its begin may see it, or else its end does
            final KernelCall first = expert.begin(rows, ROWS, results);
            assertThatThrownBy(() -> end(expert.begin(otherRows, ROWS, otherResults)))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("719")
                    .hasMessageContaining("last kernels: ");
            // Whether its ticket was written before or not: nothing of a lost device is answered.
            assertThatThrownBy(first::isDone).isInstanceOf(DeviceLostException.class);
        }
        assertThat(losses).hasSize(1);
    }

    @Test
    void shouldRefuseACallUnderWayWhenTheSelfTestFindsWrongBits() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, 0);
                ExpertKernel expert = load(kernels)) {
            final KernelCall first = expert.begin(rows, ROWS, results);
            emulated.faults("flip=1");
            final KernelCall second = expert.begin(otherRows, ROWS, otherResults);
            results.fill((byte) 0);
            otherResults.fill((byte) 0);
            assertThatThrownBy(() -> end(second))
                    .isInstanceOf(DeviceLostException.class)
                    .hasMessageContaining("corrupts results");
            assertThatThrownBy(first::isDone).isInstanceOf(DeviceLostException.class);
            assertThat(results.toArray(JAVA_FLOAT)).containsOnly(0);
            assertThat(otherResults.toArray(JAVA_FLOAT)).containsOnly(0);
        }
        assertThat(losses).hasSize(1);
    }

    @Test
    void shouldFreeThePlaceOfACallThatTheDriverRefuses() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS);
                ExpertKernel expert = load(kernels)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> expert.begin(rows, MANY_ROWS + 1, results))
                        .isInstanceOf(IllegalArgumentException.class);
                emulated.faults("refuse=2:701");
                assertThatThrownBy(() -> expert.begin(rows, ROWS, results)).hasMessageContaining("701");
            }
            emulated.faults("");
            end(expert.begin(rows, ROWS, results));
            assertThat(results.toArray(JAVA_FLOAT)).doesNotContain(Float.NaN);
        }
        assertThat(losses).isEmpty();
    }

    @Test
    void shouldWaitForACallUnderWayWhenItIsClosed() {
        final EmulatedCuda emulated = EmulatedCuda.fresh();
        try (CudaKernels kernels = open(emulated, LONG_NS, LONG_NS)) {
            final ExpertKernel expert = load(kernels);
            emulated.faults("slow=30000");
            expert.begin(rows, ROWS, results);
        } // the emulator ends the process where memory is given back that work still writes into
        assertThat(losses).isEmpty();
    }

    private CudaKernels open(final EmulatedCuda emulated, final long hangTimeoutNs, final long selfTestIntervalNs) {
        return EmulatedKernels.open(emulated, hangTimeoutNs, selfTestIntervalNs, losses::add);
    }

    private static ExpertKernel load(final CudaKernels kernels) {
        return kernels.loadExpert(WEIGHTS.config(), Precision.BF16, WEIGHTS.unit(new ExpertKey(0, 1)), MANY_ROWS);
    }

    private MemorySegment rows(final float scale) {
        final MemorySegment made = arena.allocate((long) MANY_ROWS * HIDDEN * Short.BYTES, 64);
        for (int i = 0; i < MANY_ROWS * HIDDEN; i++) {
            made.setAtIndex(JAVA_SHORT, i, Bf16.fromFloat(scale * (i % 17 - 8)));
        }
        return made;
    }

    /** As a device's thread does, turn after turn. */
    private static void end(final KernelCall call) {
        while (!call.isDone()) {
            Thread.onSpinWait();
        }
    }
}
