package io.cheshire.model.runtime.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.checkpoint.GpuNeeds;
import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.RandomWeights;
import io.cheshire.model.testing.EmulatedCuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What an expert kernel must do, by the host's code and the GPU's sources as they are, on an emulated GPU. */
class CudaExpertKernelTest {
    private static final int MAX_ROWS = 530;
    private static final ExpertKey KEY = new ExpertKey(0, 1);

    private final CudaKernels kernels = EmulatedKernels.open(EmulatedCuda.fresh());
    private final Arena arena = Arena.ofConfined();

    @AfterEach
    void close() {
        kernels.close();
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({"BF16,32,48", "BF16,192,224", "BF16,70,33", "FP32,32,48", "FP32,70,33"})
    void shouldComputeWhatTheReferenceComputes(final Precision precision, final int hidden, final int ffn) {
        final RandomWeights weights = weights(hidden, ffn);
        final Dtype dtype = precision.rowDtype();
        try (ExpertKernel expert = kernels.loadExpert(weights.config(), precision, weights.unit(KEY), 8);
                ExpertKernel reference =
                        new ReferenceKernels().loadExpert(weights.config(), precision, weights.unit(KEY), 8)) {
            final MemorySegment rows = arena.allocate(8L * hidden * dtype.bytes(), 64);
            final float[] scales = {1, 0, 1e-30f, 100, 1e4f, -3, 1e-3f, 30};
            final Random random = new Random(3);
            for (int i = 0; i < 8 * hidden; i++) {
                set(rows, dtype, i, (random.nextFloat() - 0.5f) * scales[i / hidden]);
            }
            final float[] actual = forward(expert, rows, 8, hidden);
            final float[] expected = forward(reference, rows, 8, hidden);
            for (int row = 0; row < 8; row++) {
                float largest = Float.MIN_NORMAL;
                for (int i = 0; i < hidden; i++) {
                    largest = Math.max(largest, Math.abs(expected[row * hidden + i]));
                }
                final float tolerance = largest * (precision == Precision.FP32 ? 2e-5f : 5e-3f);
                for (int i = 0; i < hidden; i++) {
                    assertThat(Math.abs(actual[row * hidden + i] - expected[row * hidden + i]))
                            .as("row %d element %d", row, i)
                            .isLessThanOrEqualTo(tolerance);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,32,48", "BF16,70,33", "FP32,32,16"})
    void shouldGiveARowTheSameBitsInAnyBatch(final Precision precision, final int hidden, final int ffn) {
        final RandomWeights weights = weights(hidden, ffn);
        final Dtype dtype = precision.rowDtype();
        final long rowBytes = (long) hidden * dtype.bytes();
        try (ExpertKernel expert = kernels.loadExpert(weights.config(), precision, weights.unit(KEY), MAX_ROWS)) {
            final MemorySegment rows = arena.allocate(rowBytes * MAX_ROWS, 64);
            final Random random = new Random(4);
            for (int i = 0; i < MAX_ROWS * hidden; i++) {
                set(rows, dtype, i, random.nextFloat() - 0.5f);
            }
            final float[] all = forward(expert, rows, MAX_ROWS, hidden);
            for (final int count : new int[] {1, 2, 3, 7, 8, 9, 16, 17, 33, 64, 65, 130, 512, 513}) {
                final int first = random.nextInt(MAX_ROWS - count + 1);
                final MemorySegment part = arena.allocate(rowBytes * count, 64);
                MemorySegment.copy(rows, first * rowBytes, part, 0, rowBytes * count);
                assertThat(forward(expert, part, count, hidden))
                        .as("%d rows from row %d on", count, first)
                        .isEqualTo(Arrays.copyOfRange(all, first * hidden, (first + count) * hidden));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "FP32"})
    void shouldKeepANotANumberRowToItself(final Precision precision) {
        final RandomWeights weights = weights(64, 48);
        try (ExpertKernel expert = kernels.loadExpert(weights.config(), precision, weights.unit(KEY), 20)) {
            final MemorySegment rows =
                    arena.allocate(20L * 64 * precision.rowDtype().bytes(), 64);
            for (int i = 0; i < 20 * 64; i++) {
                set(rows, precision.rowDtype(), i, (i % 13) * 0.1f - 0.6f);
            }
            final float[] healthy = forward(expert, rows, 20, 64);
            set(rows, precision.rowDtype(), 7 * 64 + 5, Float.NaN);
            set(rows, precision.rowDtype(), 13 * 64, Float.POSITIVE_INFINITY);
            final float[] sick = forward(expert, rows, 20, 64);
            assertThat(sick[7 * 64]).isNaN();
            for (int i = 0; i < healthy.length; i++) {
                if (i / 64 != 7 && i / 64 != 13) {
                    assertThat(sick[i]).isEqualTo(healthy[i]);
                }
            }
        }
    }

    @Test
    void shouldComputeTwoExpertsOfUnlikeWidthInTurn() {
        final RandomWeights narrow = weights(32, 48);
        final RandomWeights wide = weights(70, 133);
        try (ExpertKernel first = kernels.loadExpert(narrow.config(), Precision.BF16, narrow.unit(KEY), 4);
                ExpertKernel second = kernels.loadExpert(wide.config(), Precision.BF16, wide.unit(KEY), 40)) {
            final MemorySegment rows = arena.allocate(40L * 70 * Short.BYTES, 64);
            for (int i = 0; i < 40 * 70; i++) {
                set(rows, Dtype.BF16, i, (i % 17) * 0.1f - 0.8f);
            }
            final float[] before = forward(first, rows, 4, 32);
            forward(second, rows, 40, 70);
            assertThat(forward(first, rows, 4, 32)).isEqualTo(before);
        }
    }

    @Test
    void shouldRefuseRowCountsAndBlocksItHasNoRoomFor() {
        final RandomWeights weights = weights(32, 48);
        try (ExpertKernel expert = kernels.loadExpert(weights.config(), Precision.FP32, weights.unit(KEY), 4)) {
            final MemorySegment rows = arena.allocate(5L * 32 * 4, 64);
            assertThatThrownBy(() -> expert.forward(rows, 5, rows)).hasMessageContaining("1 .. 4");
            assertThatThrownBy(() -> expert.forward(rows, 0, rows)).hasMessageContaining("1 .. 4");
            assertThatThrownBy(() -> expert.forward(rows.asSlice(0, 64), 4, rows))
                    .hasMessageContaining("hold 512 bytes");
            assertThatThrownBy(() -> expert.forward(MemorySegment.ofArray(new float[128]), 4, rows))
                    .hasMessageContaining("off-heap");
        }
    }

    @Test
    void shouldTakeTwoBytesAWeightPaddedToSixteen() {
        final RandomWeights weights = weights(70, 33);
        try (ExpertKernel expert = kernels.loadExpert(weights.config(), Precision.BF16, weights.unit(KEY), 4)) {
            assertThat(expert.weightBytes()).isEqualTo(3L * 80 * 48 * Short.BYTES);
        }
    }

    /** What {@code inspect} and the planner count with is what is allocated. */
    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            names = {"BF16", "FP32"})
    void shouldHoldWhatIsCountedWithBeforehand(final Precision precision) {
        final RandomWeights weights = weights(70, 33);
        final GpuNeeds counted = GpuNeeds.of(70, 33, 1, 4, precision);
        try (ExpertKernel expert = kernels.loadExpert(weights.config(), precision, weights.unit(KEY), MAX_ROWS)) {
            final ExpertBuffers buffers = kernels.freeCall().buffers();
            assertThat(expert.weightBytes()).isEqualTo(counted.unitBytes());
            assertThat(GpuNeeds.CALLS
                            * (buffers.packed().bytes() + buffers.activated().bytes()))
                    .isEqualTo(counted.rowsBytes());
            assertThat(GpuNeeds.CALLS
                            * (buffers.rows().segment().byteSize()
                                    + buffers.results().segment().byteSize()))
                    .isEqualTo(counted.hostBytes() - (8 << 20));
        }
    }

    private static RandomWeights weights(final int hidden, final int ffn) {
        final ModelConfig config = RandomWeights.config(50, hidden, ffn, 1, 2, 1, 16, 4, null);
        return new RandomWeights(config, Dtype.BF16, 9);
    }

    private float[] forward(final ExpertKernel kernel, final MemorySegment rows, final int count, final int hidden) {
        final MemorySegment results = arena.allocate((long) count * hidden * Float.BYTES, 64);
        kernel.forward(rows, count, results);
        return results.toArray(JAVA_FLOAT);
    }

    private static void set(final MemorySegment rows, final Dtype dtype, final long index, final float value) {
        if (dtype == Dtype.BF16) {
            rows.setAtIndex(JAVA_SHORT, index, Bf16.fromFloat(value));
        } else {
            rows.setAtIndex(JAVA_FLOAT, index, value);
        }
    }
}
