package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.runtime.onednn.ffi.NativeBf16Kernel;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Finds out, on the machine at hand and at the real shape, whether {@link FewRows} has oneDNN's bits. Weights and rows
 * are made up so that another order or another rounding shows: what is random differs from it in nine of ten results,
 * and there are large and small numbers beside each other, some that cancel, equal ones, subnormals and zeros of both
 * signs. The buffer of the weights that are about to be packed serves, so that no second one is needed.
 */
final class FewRowsProof implements AutoCloseable {
    /** Parts that oneDNN was seen with: for more rows than one, and for one. */
    private static final int[] PARTS = {1024, 512};

    /** Made up once and again and again in the buffer: a prime, so that no two panels are alike. */
    private static final int PATTERN = 65_521;

    private static final int EQUAL_FROM = 40_000;
    private static final int EQUAL_TO = 50_000;
    private static final int SUBNORMALS_TO = 50_500;

    private static final int LINE = 64;

    private final FewRows few;
    private final MatmulShape shape;
    private final OneDnnWeights packed;
    private final TileMatmul oneDnn;
    private final int tile;
    private final long inBytes;
    private final long outBytes;
    private final NativeBuffer buffer;
    private final MemorySegment rows;
    private final MemorySegment expected;
    private final MemorySegment results;

    FewRowsProof(
            final FewRows few,
            final MatmulShape shape,
            final OneDnnWeights packed,
            final TileMatmul oneDnn,
            final int tile) {
        this.few = few;
        this.shape = shape;
        this.packed = packed;
        this.oneDnn = oneDnn;
        this.tile = tile;
        this.inBytes = (long) shape.k() * Short.BYTES;
        this.outBytes = (long) shape.n() * Float.BYTES;
        final long room = roundUp(NativeBf16Kernel.MOST_ROWS, tile);
        final long rowBytes = roundUp(room * inBytes, LINE);
        final long resultBytes = roundUp(room * outBytes, LINE);
        buffer = NativeBuffer.allocate(rowBytes + 2 * resultBytes);
        rows = buffer.segment().asSlice(0, rowBytes);
        expected = buffer.segment().asSlice(rowBytes, resultBytes);
        results = buffer.segment().asSlice(rowBytes + resultBytes, resultBytes);
    }

    /** Inputs of a part with which all bits are oneDNN's; {@link FewRows#NOT_BY_THESE} where there are none. */
    int part() {
        final SplittableRandom numbers = new SplittableRandom(1);
        fillWeights(numbers);
        fillBias(numbers);
        fillRows(numbers);
        for (int first = 0; first < NativeBf16Kernel.MOST_ROWS; first += tile) {
            oneDnn.run(tile, rows.address() + first * inBytes, expected.address() + first * outBytes);
        }
        for (final int part : PARTS) {
            if (agrees(part)) {
                return part;
            }
        }
        return FewRows.NOT_BY_THESE;
    }

    /** The last row, the last two, and so on: each by all row counts that it fits into. */
    private boolean agrees(final int part) {
        for (int count = 1; count <= NativeBf16Kernel.MOST_ROWS; count++) {
            final int first = NativeBf16Kernel.MOST_ROWS - count;
            few.run(shape, part, packed, rows.address() + first * inBytes, count, results.address());
            final MemorySegment right = expected.asSlice(first * outBytes, count * outBytes);
            if (results.asSlice(0, right.byteSize()).mismatch(right) >= 0) {
                return false;
            }
        }
        return true;
    }

    private void fillWeights(final SplittableRandom numbers) {
        final short[] pattern = new short[PATTERN];
        for (int i = 0; i < PATTERN; i++) {
            pattern[i] = weight(i, numbers);
        }
        final MemorySegment from = MemorySegment.ofArray(pattern);
        final MemorySegment to = packed.segment();
        final long step = from.byteSize();
        // By the team, so that each page lies near the threads that may read it.
        few.team().run(Math.toIntExact(Math.ceilDiv(to.byteSize(), step)), 1, (worker, begin, end) -> {
            for (int i = begin; i < end; i++) {
                MemorySegment.copy(from, 0, to, i * step, Math.min(step, to.byteSize() - i * step));
            }
        });
    }

    private static short weight(final int i, final SplittableRandom numbers) {
        if (i >= EQUAL_FROM && i < EQUAL_TO) {
            return Bf16.fromFloat(1);
        }
        if (i >= EQUAL_TO && i < SUBNORMALS_TO) {
            // Zeros of both signs are among them.
            return (short) (numbers.nextInt(4) | (numbers.nextInt() & 0x8000));
        }
        return Bf16.fromFloat(scaled(numbers, 6));
    }

    private void fillBias(final SplittableRandom numbers) {
        if (shape.bias()) {
            final float[] values = new float[shape.n()];
            for (int i = 0; i < values.length; i++) {
                values[i] = scaled(numbers, 6);
            }
            MemorySegment.copy(values, 0, packed.bias(), JAVA_FLOAT, 0, values.length);
        }
    }

    private void fillRows(final SplittableRandom numbers) {
        rows.fill((byte) 0);
        final short[] values = new short[NativeBf16Kernel.MOST_ROWS * shape.k()];
        for (int i = 0; i < values.length; i++) {
            final float value = switch (i / shape.k() % 4) {
                case 0 -> 2 * numbers.nextFloat() - 1;
                case 1 -> 1;
                case 2 -> scaled(numbers, 20);
                // Where weights are equal these cancel but for the ones between.
                default -> i % 3 == 0 ? 1 : i / 3 % 2 == 0 ? 0x1p20f : -0x1p20f;
            };
            values[i] = Bf16.fromFloat(value);
        }
        MemorySegment.copy(values, 0, rows, JAVA_SHORT, 0, values.length);
    }

    /** In [-1, 1), times a power of two of which {@code exponent} and its negative are the extremes. */
    private static float scaled(final SplittableRandom numbers, final int exponent) {
        return Math.scalb(2 * numbers.nextFloat() - 1, numbers.nextInt(-exponent, exponent + 1));
    }

    private static long roundUp(final long count, final int step) {
        return Math.ceilDiv(count, step) * step;
    }

    @Override
    public void close() {
        buffer.close();
    }
}
