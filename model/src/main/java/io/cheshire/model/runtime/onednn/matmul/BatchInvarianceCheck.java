package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out at start-up, on the machine at hand and with the real weights, whether a row's bits depend on how many rows
 * run with it or on its place. A block of random rows is computed once; then some of its rows again, in blocks of several
 * row counts and in other places. All bits must be the same. Small matmuls, which have few results to compare, are
 * tried with many blocks.
 */
final class BatchInvarianceCheck {
    private static final Logger LOG = LoggerFactory.getLogger(BatchInvarianceCheck.class);
    private static final int[] ROW_COUNTS = {2, 3, 5, 8, 16, 33, 64, 128};
    /** A block larger than the eight rows that are always checked may cost about this much: a few milliseconds. */
    private static final double MAX_OPERATIONS = 2e9;

    private static final int ALWAYS_CHECKED_ROWS = 8;
    private static final int ENOUGH_RESULTS = 100_000;
    private static final int MOST_TRIALS = 64;

    private final MatmulPlan plan;
    private final OneDnnWeights weights;
    private final RowTiles tiles;
    private final int blockRows;
    private final long inBytes;
    private final long outBytes;
    private final Dtype dtype;
    private final Random random = new Random(1);

    private BatchInvarianceCheck(final MatmulPlan plan, final OneDnnWeights weights, final RowTiles tiles) {
        this.plan = plan;
        this.weights = weights;
        this.tiles = tiles;
        final MatmulShape shape = plan.shape();
        this.dtype = plan.context().computeType(shape) == Dnnl.BF16 ? Dtype.BF16 : Dtype.F32;
        this.inBytes = (long) shape.k() * dtype.bytes();
        this.outBytes = (long) shape.n() * Float.BYTES;
        this.blockRows = tiles == RowTiles.FREE ? affordableRows(shape) : tiles.largest();
    }

    private static int affordableRows(final MatmulShape shape) {
        int rows = ALWAYS_CHECKED_ROWS;
        for (final int candidate : ROW_COUNTS) {
            if (candidate > rows && 2.0 * candidate * shape.k() * shape.n() <= MAX_OPERATIONS) {
                rows = candidate;
            }
        }
        return rows;
    }

    /** The first of {@code preferred} and its fall-backs whose rows are independent. */
    static RowTiles choose(final MatmulPlan plan, final OneDnnWeights weights, final RowTiles preferred) {
        RowTiles candidate = preferred;
        while (candidate != RowTiles.FIXED_1 && !new BatchInvarianceCheck(plan, weights, candidate).passes()) {
            final RowTiles next = candidate == RowTiles.FREE ? RowTiles.FIXED_16 : RowTiles.FIXED_1;
            LOG.warn(
                    "Rows of the {} matmul depend on the batch with {} tiles on this processor; using {}, which is slower",
                    plan.shape(),
                    candidate,
                    next);
            candidate = next;
        }
        return candidate;
    }

    private boolean passes() {
        // The block is followed by itself, so that it can be run from any row on.
        try (NativeBuffer src = NativeBuffer.allocate(2L * blockRows * inBytes);
                NativeBuffer expected = NativeBuffer.allocate(blockRows * outBytes);
                NativeBuffer actual = NativeBuffer.allocate(blockRows * outBytes)) {
            long results = 0;
            for (int trial = 0; trial < MOST_TRIALS && results < ENOUGH_RESULTS; trial++) {
                fill(src.segment());
                run(blockRows, src.address(), expected);
                if (tiles == RowTiles.FREE ? !smallerBlocks(src, expected, actual) : !shifted(src, expected, actual)) {
                    return false;
                }
                results += (long) blockRows * plan.shape().n();
            }
            return true;
        }
    }

    private boolean smallerBlocks(final NativeBuffer src, final NativeBuffer expected, final NativeBuffer actual) {
        for (final int rows : ROW_COUNTS) {
            if (rows < blockRows && !same(rows, blockRows - rows, src, expected, actual)) {
                return false;
            }
        }
        return true;
    }

    private boolean shifted(final NativeBuffer src, final NativeBuffer expected, final NativeBuffer actual) {
        return same(blockRows, 1, src, expected, actual) && same(blockRows, blockRows / 2, src, expected, actual);
    }

    /** Runs {@code rows} rows of the block from row {@code first} on. */
    private boolean same(
            final int rows,
            final int first,
            final NativeBuffer src,
            final NativeBuffer expected,
            final NativeBuffer actual) {
        run(rows, src.address() + first * inBytes, actual);
        for (int i = 0; i < rows; i++) {
            final long at = (first + i) % blockRows * outBytes;
            final long difference = MemorySegment.mismatch(
                    actual.segment(), i * outBytes, (i + 1) * outBytes, expected.segment(), at, at + outBytes);
            if (difference >= 0) {
                return false;
            }
        }
        return true;
    }

    private void run(final int rows, final long src, final NativeBuffer dst) {
        plan.primitive(rows).execute(plan.context(), weights, src, dst.address());
    }

    /** Ordinary activations in [-1, 1). */
    private void fill(final MemorySegment src) {
        final long count = (long) blockRows * plan.shape().k();
        for (long i = 0; i < count; i++) {
            final float value = 2 * random.nextFloat() - 1;
            if (dtype == Dtype.BF16) {
                src.setAtIndex(JAVA_SHORT, i, Bf16.fromFloat(value));
            } else {
                src.setAtIndex(JAVA_FLOAT, i, value);
            }
        }
        MemorySegment.copy(src, 0, src, blockRows * inBytes, blockRows * inBytes);
    }
}
