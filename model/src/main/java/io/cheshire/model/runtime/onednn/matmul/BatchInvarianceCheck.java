package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.GrowingBuffer;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Finds out, on the machine at hand, at the real shape and with real weights, whether a row's bits depend on how
 * many rows run with it or on its place: random rows are computed in tiles of a base size once, and again in tiles
 * of other sizes and at other places. All bits must be the same. Small matmuls, which have few results a row, are
 * tried with many rows.
 *
 * <p>Device thread only; owns its memory.
 */
final class BatchInvarianceCheck implements AutoCloseable {
    /** Different results to compare, if rows enough to make them are cheap. */
    private static final int ENOUGH_RESULTS = 32_768;

    private static final int LEAST_ROWS = 8;
    private static final int MOST_ROWS = 256;

    private final MatmulShape shape;
    private final TileMatmul matmul;
    private final int rows;
    private final long inBytes;
    private final long outBytes;
    private final NativeBuffer random;
    private final NativeBuffer expected;
    private final GrowingBuffer src = new GrowingBuffer();
    private final GrowingBuffer dst = new GrowingBuffer();

    /**
     * Computes the rows that all tiles are compared with.
     *
     * @param dtype what {@code matmul} reads
     * @param base  rows of the tiles that others must agree with
     */
    BatchInvarianceCheck(final MatmulShape shape, final Dtype dtype, final TileMatmul matmul, final int base) {
        this.shape = shape;
        this.matmul = matmul;
        this.rows = roundUp(Math.clamp(Math.ceilDiv(ENOUGH_RESULTS, shape.n()), LEAST_ROWS, MOST_ROWS), base);
        this.inBytes = (long) shape.k() * dtype.bytes();
        this.outBytes = (long) shape.n() * Float.BYTES;
        this.random = NativeBuffer.allocate(rows * inBytes);
        try {
            this.expected = NativeBuffer.allocate(rows * outBytes);
        } catch (final IllegalStateException none) {
            random.close();
            throw none;
        }
        fill(random.segment(), dtype);
        for (int first = 0; first < rows; first += base) {
            matmul.run(base, random.address() + first * inBytes, expected.address() + first * outBytes);
        }
    }

    /**
     * Whether every row of tiles of {@code tile} rows has the bits that it has in tiles of the base size. The tiles'
     * rows are the random ones over and over, from row {@code shift} on, so that each lies at another place than
     * there.
     */
    boolean agrees(final int tile, final int shift) {
        final long from = src.atLeast(tile * inBytes);
        final long to = dst.atLeast(tile * outBytes);
        for (int first = 0; first < Math.max(rows, tile); first += tile) {
            for (int i = 0; i < tile; i++) {
                copy(random.address() + (first + i + shift) % rows * inBytes, from + i * inBytes, inBytes);
            }
            matmul.run(tile, from, to);
            for (int i = 0; i < tile; i++) {
                if (!same(to + i * outBytes, expected.address() + (first + i + shift) % rows * outBytes)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean same(final long row, final long other) {
        return MemorySegment.ofAddress(row)
                        .reinterpret(outBytes)
                        .mismatch(MemorySegment.ofAddress(other).reinterpret(outBytes))
                < 0;
    }

    private static void copy(final long from, final long to, final long bytes) {
        MemorySegment.ofAddress(to)
                .reinterpret(bytes)
                .copyFrom(MemorySegment.ofAddress(from).reinterpret(bytes));
    }

    /** Ordinary activations in [-1, 1). */
    private void fill(final MemorySegment to, final Dtype dtype) {
        final SplittableRandom numbers = new SplittableRandom(1);
        final long count = (long) rows * shape.k();
        for (long i = 0; i < count; i++) {
            final float value = 2 * numbers.nextFloat() - 1;
            if (dtype == Dtype.BF16) {
                to.setAtIndex(JAVA_SHORT, i, Bf16.fromFloat(value));
            } else {
                to.setAtIndex(JAVA_FLOAT, i, value);
            }
        }
    }

    private static int roundUp(final int rows, final int step) {
        return Math.ceilDiv(rows, step) * step;
    }

    @Override
    public void close() {
        random.close();
        expected.close();
        src.close();
        dst.close();
    }
}
