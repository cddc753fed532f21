package io.cheshire.model.runtime.onednn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.matmul.Bf16Matmul;
import io.cheshire.model.runtime.onednn.simd.Rows;
import io.cheshire.model.testing.GonePages;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OneDnnExpertKernelTest {
    private static final int MAX_ROWS = 530;
    private static final ExpertKey KEY = new ExpertKey(0, 1);

    static Stream<Arguments> shapes() {
        return Stream.of(Precision.values())
                .flatMap(precision -> Stream.of(
                        Arguments.of(precision, 32, 48),
                        Arguments.of(precision, 192, 224),
                        Arguments.of(precision, 70, 33)));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void shouldComputeWhatTheReferenceComputes(final Precision precision, final int hidden, final int ffn) {
        final RandomWeights weights = weights(hidden, ffn);
        final Dtype dtype = precision.rowDtype();
        try (OneDnnKernels kernels = new OneDnnKernels(2);
                Arena arena = Arena.ofConfined();
                ExpertKernel expert = kernels.loadExpert(weights.config(), precision, weights.unit(KEY), 8);
                ExpertKernel reference =
                        new ReferenceKernels().loadExpert(weights.config(), precision, weights.unit(KEY), 8)) {
            final MemorySegment rows = arena.allocate(8L * hidden * dtype.bytes(), 64);
            final float[] scales = {1, 0, 1e-30f, 100, 1e4f, -3, 1e-3f, 30};
            final Random random = new Random(3);
            for (int i = 0; i < 8 * hidden; i++) {
                set(rows, dtype, i, (random.nextFloat() - 0.5f) * scales[i / hidden]);
            }
            final float[] actual = forward(expert, arena, rows, 8, hidden);
            final float[] expected = forward(reference, arena, rows, 8, hidden);
            for (int row = 0; row < 8; row++) {
                float largest = Float.MIN_NORMAL;
                for (int i = 0; i < hidden; i++) {
                    largest = Math.max(largest, Math.abs(expected[row * hidden + i]));
                }
                // fp32 differs by the order of sums; bf16 by that and by a SwiGLU that falls to the other side of a
                // bf16 step, 1/256 of one of many addends.
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
    @MethodSource("shapes")
    void shouldGiveARowTheSameBitsInAnyBatch(final Precision precision, final int hidden, final int ffn) {
        final RandomWeights weights = weights(hidden, ffn);
        final Dtype dtype = precision.rowDtype();
        final long rowBytes = (long) hidden * dtype.bytes();
        try (OneDnnKernels kernels = new OneDnnKernels(2);
                Arena arena = Arena.ofConfined();
                ExpertKernel expert = kernels.loadExpert(weights.config(), precision, weights.unit(KEY), MAX_ROWS)) {
            final MemorySegment rows = arena.allocate(rowBytes * MAX_ROWS, 64);
            final Random random = new Random(4);
            for (int i = 0; i < MAX_ROWS * hidden; i++) {
                set(rows, dtype, i, random.nextFloat() - 0.5f);
            }
            final float[] all = forward(expert, arena, rows, MAX_ROWS, hidden);
            for (final int count : new int[] {1, 2, 3, 7, 16, 33, 61, 64, 130, 256, 512, 513}) {
                final int first = random.nextInt(MAX_ROWS - count + 1);
                final MemorySegment part = arena.allocate(rowBytes * count, 64);
                MemorySegment.copy(rows, first * rowBytes, part, 0, rowBytes * count);
                final float[] some = forward(expert, arena, part, count, hidden);
                assertThat(some)
                        .as("%d rows from row %d on", count, first)
                        .isEqualTo(java.util.Arrays.copyOfRange(all, first * hidden, (first + count) * hidden));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void shouldKeepANotANumberRowToItself(final Precision precision) {
        final RandomWeights weights = weights(64, 48);
        try (OneDnnKernels kernels = new OneDnnKernels(2);
                Arena arena = Arena.ofConfined();
                ExpertKernel expert = kernels.loadExpert(weights.config(), precision, weights.unit(KEY), 40)) {
            final MemorySegment rows =
                    arena.allocate(40L * 64 * precision.rowDtype().bytes(), 64);
            for (int i = 0; i < 40 * 64; i++) {
                set(rows, precision.rowDtype(), i, (i % 13) * 0.1f - 0.6f);
            }
            final float[] healthy = forward(expert, arena, rows, 40, 64);
            set(rows, precision.rowDtype(), 17 * 64 + 5, Float.NaN);
            set(rows, precision.rowDtype(), 30 * 64, Float.POSITIVE_INFINITY);
            final float[] sick = forward(expert, arena, rows, 40, 64);
            assertThat(sick[17 * 64]).isNaN();
            for (int i = 0; i < healthy.length; i++) {
                if (i / 64 != 17 && i / 64 != 30) {
                    assertThat(sick[i]).isEqualTo(healthy[i]);
                }
            }
        }
    }

    @Test
    void shouldRefuseRowCountsAndBlocksItHasNoRoomFor() {
        final RandomWeights weights = weights(32, 48);
        try (OneDnnKernels kernels = new OneDnnKernels(1);
                Arena arena = Arena.ofConfined();
                ExpertKernel expert = kernels.loadExpert(weights.config(), Precision.FP32, weights.unit(KEY), 4)) {
            final MemorySegment rows = arena.allocate(5L * 32 * 4, 64);
            assertThatThrownBy(() -> expert.forward(rows, 5, rows)).hasMessageContaining("1 .. 4");
            assertThatThrownBy(() -> expert.forward(rows, 0, rows)).hasMessageContaining("1 .. 4");
            assertThatThrownBy(() -> expert.forward(rows.asSlice(0, 64), 4, rows))
                    .hasMessageContaining("hold 512 bytes");
            assertThatThrownBy(() -> expert.forward(MemorySegment.ofArray(new float[128]), 4, rows))
                    .hasMessageContaining("off-heap");
        }
    }

    /**
     * So that it has the same bits on every processor: between the panels' chains there is nothing but operations on
     * one element, each rounded once.
     */
    @Test
    void shouldAddNothingUpOutsideThePanels() {
        final int hidden = 70;
        final int ffn = 133;
        final RandomWeights weights = weights(hidden, ffn);
        final UnitWeights unit = weights.unit(KEY);
        try (OneDnnKernels kernels = new OneDnnKernels(2, Bf16Matmul.PANELS);
                Arena arena = Arena.ofConfined();
                ExpertKernel expert = kernels.loadExpert(weights.config(), Precision.BF16, unit, 5)) {
            final MemorySegment rows = arena.allocate(5L * hidden * Short.BYTES, 64);
            final Random random = new Random(8);
            for (int i = 0; i < 5 * hidden; i++) {
                set(rows, Dtype.BF16, i, random.nextFloat() * 4 - 2);
            }
            final float[] actual = forward(expert, arena, rows, 5, hidden);
            final MemorySegment gateAndUp = arena.allocate(8, 8);
            final MemorySegment activated = arena.allocate(2L * ffn, 8);
            for (int row = 0; row < 5; row++) {
                final MemorySegment x = rows.asSlice(2L * row * hidden, 2L * hidden);
                for (int j = 0; j < ffn; j++) {
                    gateAndUp.setAtIndex(JAVA_FLOAT, 0, chain(x, unit.w1().data(), j, hidden));
                    gateAndUp.setAtIndex(JAVA_FLOAT, 1, chain(x, unit.w3().data(), j, hidden));
                    final long gate = gateAndUp.address();
                    Rows.swiGlu(gate, gate + 4, activated.address() + 2L * j, true, 1);
                }
                for (int i = 0; i < hidden; i++) {
                    assertThat(actual[row * hidden + i])
                            .as("row %d element %d", row, i)
                            .isEqualTo(chain(activated, unit.w2().data(), i, ffn));
                }
            }
        }
    }

    private static float chain(final MemorySegment x, final MemorySegment weights, final int output, final int k) {
        float sum = 0;
        for (int i = 0; i < k; i++) {
            sum = Math.fma(
                    Bf16.toFloat(x.getAtIndex(JAVA_SHORT, i)),
                    Bf16.toFloat(weights.getAtIndex(JAVA_SHORT, (long) output * k + i)),
                    sum);
        }
        return sum;
    }

    /** Whole huge pages would take half as much again. */
    @Test
    void shouldTakeTwoBytesAWeightAndNoMoreThanAPageBeside() {
        final RandomWeights weights = weights(512, 1056);
        try (OneDnnKernels kernels = new OneDnnKernels(2, Bf16Matmul.PANELS);
                ExpertKernel expert =
                        kernels.loadExpert(weights.config(), Precision.BF16, weights.unit(KEY), MAX_ROWS)) {
            final long weightBytes = 3L * 512 * 1056 * Short.BYTES;
            assertThat(expert.weightBytes()).isBetween(weightBytes, weightBytes + 2 * 4096);
        }
    }

    /** The widest vectors have 16 lanes: panels of 32 outputs. */
    @ParameterizedTest
    @ValueSource(ints = {130, 511, 513, 1000, 1057})
    void shouldPadOutputsToWholePanelsAndNoFurther(final int ffn) {
        final RandomWeights weights = weights(512, ffn);
        try (OneDnnKernels kernels = new OneDnnKernels(2, Bf16Matmul.PANELS);
                ExpertKernel expert = kernels.loadExpert(weights.config(), Precision.BF16, weights.unit(KEY), 4)) {
            final long weightBytes = 3L * 512 * ffn * Short.BYTES;
            assertThat(expert.weightBytes()).isBetween(weightBytes, weightBytes + 31L * 512 * Short.BYTES + 2 * 4096);
        }
    }

    @Test
    void shouldFreeItsNativeMemoryWhenClosed() {
        final long before = NativeBuffer.liveBytes();
        final RandomWeights weights = weights(64, 48);
        try (OneDnnKernels kernels = new OneDnnKernels(2);
                Arena arena = Arena.ofConfined()) {
            final ExpertKernel expert = kernels.loadExpert(weights.config(), Precision.BF16, weights.unit(KEY), 40);
            final RouterKernel router =
                    kernels.loadRouter(weights.config(), Precision.BF16, weights.router(), new KvLayout(4, 16), 16);
            forward(expert, arena, arena.allocate(3L * 64 * 2, 64), 3, 64);
            assertThat(NativeBuffer.liveBytes())
                    .isGreaterThan(before + expert.weightBytes() + router.weightBytes() + router.kvBytes());
            expert.close();
            router.close();
        }
        assertThat(NativeBuffer.liveBytes()).isEqualTo(before);
    }

    /** A model's file that is cut off while a unit is read: the unit's fault, and the node lives on. */
    @ParameterizedTest
    @CsvSource({"FP32,AUTO", "BF16,ONEDNN", "BF16,PANELS", "INT8,PANELS", "INT4,PANELS"})
    void shouldFreeItsNativeMemoryWhenAPageIsGone(final Precision precision, final Bf16Matmul bf16) {
        final RandomWeights weights = new RandomWeights(weights(64, 48).config(), Dtype.F32, 9);
        final UnitWeights unit = weights.unit(KEY);
        try (OneDnnKernels kernels = new OneDnnKernels(2, bf16)) {
            kernels.loadExpert(weights.config(), precision, unit, 40).close();
            final long before = NativeBuffer.liveBytes();
            for (final UnitWeights gone : List.of(
                    new UnitWeights(KEY, unit.w1(), unit.w2(), GonePages.of(unit.w3())),
                    new UnitWeights(KEY, unit.w1(), GonePages.of(unit.w2()), unit.w3()))) {
                assertThatThrownBy(() -> kernels.loadExpert(weights.config(), precision, gone, 40))
                        .isInstanceOf(InternalError.class);
                assertThat(NativeBuffer.liveBytes()).isEqualTo(before);
            }
        }
    }

    private static RandomWeights weights(final int hidden, final int ffn) {
        final ModelConfig config = RandomWeights.config(50, hidden, ffn, 1, 2, 1, 16, 4, null);
        return new RandomWeights(config, Dtype.BF16, 9);
    }

    private static float[] forward(
            final ExpertKernel kernel, final Arena arena, final MemorySegment rows, final int count, final int hidden) {
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
