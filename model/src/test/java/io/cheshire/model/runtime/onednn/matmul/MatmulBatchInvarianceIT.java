package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.ffi.OpenMpTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows of a matmul: right, and the same bits for every row count and place. */
class MatmulBatchInvarianceIT {
    private static final int MOST_ROWS = 600;
    private static final int[] ROW_COUNTS = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 17, 23, 31, 32, 33, 35, 47, 48, 49, 63, 64, 65, 96, 100, 127, 128,
        129, 191, 192, 200, 255, 256, 257, 383, 511, 512, 513, 600
    };

    private final OpenMpTeam team = new OpenMpTeam(2);

    @AfterEach
    void closeTeam() {
        team.close();
    }

    @ParameterizedTest
    @CsvSource({
        "32, 96",
        "48, 32",
        "32, 64",
        "32, 16",
        "192, 448",
        "224, 192",
        "192, 288",
        "192, 4096",
        "96, 33",
        "33, 7",
        "4096, 16",
        "4096, 896",
        "448, 4096",
        "1000, 500"
    })
    void shouldGiveTheSameBitsForEveryRowCountAndPlace(final int k, final int n) {
        try (MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.ONEDNN)) {
            check(context, k, n, Dtype.BF16);
            check(context, k, n, Dtype.F32);
        }
        // With few rows by our native kernel, where it has oneDNN's bits.
        try (MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO)) {
            check(context, k, n, Dtype.BF16);
        }
        try (MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.PANELS)) {
            check(context, k, n, Dtype.BF16);
        }
    }

    @ParameterizedTest
    @EnumSource(RowTiles.class)
    void shouldKeepThePromiseWithAnyTiles(final RowTiles tiles) {
        try (MatmulContext context = new MatmulContext(team, tiles, Bf16Matmul.ONEDNN)) {
            check(context, 192, 96, Dtype.BF16);
            check(context, 192, 96, Dtype.F32);
        }
    }

    /** So they are the same on every processor, whatever the width of its vectors. */
    @ParameterizedTest
    @CsvSource({"1, 1", "300, 5", "257, 129", "513, 129", "1000, 64", "40, 127", "40, 161", "40, 225", "33, 300"})
    void shouldSumPanelsInTheOrderOfTheInputsWithOneRoundingEach(final int k, final int n) {
        final int rows = 7;
        final Random random = new Random(6);
        final TensorView weights = weights(random, k, n);
        final float[] bias = new float[n];
        for (int i = 0; i < n; i++) {
            bias[i] = random.nextFloat();
        }
        try (MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.PANELS);
                NativeBuffer src = NativeBuffer.allocate((long) rows * k * Short.BYTES);
                NativeBuffer dst = NativeBuffer.allocate((long) rows * n * Float.BYTES);
                PackedWeights packed =
                        context.pack(rows, k, Dtype.BF16, List.of(weights), Arrays.asList(floats(n, 0, bias)))) {
            fill(src.segment(), random, k * rows, Dtype.BF16);
            packed.multiply(src.address(), rows, dst.address(), false);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < n; column++) {
                    float sum = 0;
                    for (int i = 0; i < k; i++) {
                        sum = Math.fma(
                                get(src.segment(), (long) row * k + i, Dtype.BF16),
                                get(weights.data(), (long) column * k + i, Dtype.BF16),
                                sum);
                    }
                    assertThat(dst.segment().getAtIndex(JAVA_FLOAT, (long) row * n + column))
                            .as("row %d, output %d of %dx%d", row, column, k, n)
                            .isEqualTo(sum + bias[column]);
                }
            }
        }
    }

    @Test
    void shouldAddTheBiasesOfTheirPartsAndZeroWhereAPartHasNone() {
        try (MatmulContext context = new MatmulContext(team, RowTiles.FREE, Bf16Matmul.AUTO);
                NativeBuffer src = NativeBuffer.allocate(64);
                NativeBuffer dst = NativeBuffer.allocate(64);
                PackedWeights packed = context.pack(
                        1,
                        1,
                        Dtype.F32,
                        List.of(floats(2, 1, 10, 20), floats(1, 1, 30), floats(2, 1, 40, 50)),
                        Arrays.asList(floats(2, 0, 1, 2), null, floats(2, 0, 4, 5)))) {
            src.segment().set(JAVA_FLOAT, 0, 100);
            packed.multiply(src.address(), 1, dst.address(), false);
            assertThat(dst.segment().asSlice(0, 20).toArray(JAVA_FLOAT)).containsExactly(1001, 2002, 3000, 4004, 5005);
        }
    }

    private static void check(final MatmulContext context, final int k, final int n, final Dtype dtype) {
        final Random random = new Random(5);
        final TensorView weights = weights(random, k, n);
        final long inBytes = (long) k * dtype.bytes();
        final long outBytes = (long) n * Float.BYTES;
        try (PackedWeights packed =
                        context.pack(MOST_ROWS, k, dtype, List.of(weights), Arrays.asList((TensorView) null));
                NativeBuffer src = NativeBuffer.allocate(inBytes * MOST_ROWS);
                NativeBuffer part = NativeBuffer.allocate(inBytes * MOST_ROWS);
                NativeBuffer expected = NativeBuffer.allocate(outBytes * MOST_ROWS);
                NativeBuffer dst = NativeBuffer.allocate(outBytes * MOST_ROWS)) {
            fill(src.segment(), random, k * MOST_ROWS, dtype);
            packed.multiply(src.address(), MOST_ROWS, expected.address(), false);
            checkValues(src.segment(), weights.data(), expected.segment(), k, n, dtype);
            for (final int rows : ROW_COUNTS) {
                final int first = random.nextInt(MOST_ROWS - rows + 1);
                MemorySegment.copy(src.segment(), first * inBytes, part.segment(), 0, rows * inBytes);
                packed.multiply(part.address(), rows, dst.address(), false);
                assertThat(MemorySegment.mismatch(
                                dst.segment(),
                                0,
                                rows * outBytes,
                                expected.segment(),
                                first * outBytes,
                                (first + rows) * outBytes))
                        .as("%dx%d %s: first different byte of %d rows from row %d on", k, n, dtype, rows, first)
                        .isEqualTo(-1);
            }
        }
    }

    private static void checkValues(
            final MemorySegment src,
            final MemorySegment weights,
            final MemorySegment actual,
            final int k,
            final int n,
            final Dtype dtype) {
        for (int i = 0; i < 200; i++) {
            final int row = i * 3;
            final int column = (int) ((i * 2654435761L) % n);
            double sum = 0;
            double size = 0;
            for (int j = 0; j < k; j++) {
                final double product =
                        (double) get(src, (long) row * k + j, dtype) * get(weights, (long) column * k + j, Dtype.BF16);
                sum += product;
                size += Math.abs(product);
            }
            assertThat(Math.abs(actual.getAtIndex(JAVA_FLOAT, (long) row * n + column) - sum))
                    .isLessThanOrEqualTo(1e-6 * size);
        }
    }

    private static TensorView weights(final Random random, final int k, final int n) {
        final MemorySegment data = Arena.ofAuto().allocate((long) k * n * Short.BYTES, 64);
        fill(data, random, k * n, Dtype.BF16);
        return new TensorView("w", Dtype.BF16, List.of((long) n, (long) k), data);
    }

    private static TensorView floats(final long rows, final long columns, final float... values) {
        return new TensorView(
                "t", Dtype.F32, columns == 0 ? List.of(rows) : List.of(rows, columns), MemorySegment.ofArray(values));
    }

    private static void fill(final MemorySegment data, final Random random, final int count, final Dtype dtype) {
        for (int i = 0; i < count; i++) {
            final float value = random.nextFloat() - 0.5f;
            if (dtype == Dtype.BF16) {
                data.setAtIndex(JAVA_SHORT, i, Bf16.fromFloat(value));
            } else {
                data.setAtIndex(JAVA_FLOAT, i, value);
            }
        }
    }

    private static float get(final MemorySegment data, final long index, final Dtype dtype) {
        return dtype == Dtype.BF16
                ? Bf16.toFloat(data.getAtIndex(JAVA_SHORT, index))
                : data.getAtIndex(JAVA_FLOAT, index);
    }
}
