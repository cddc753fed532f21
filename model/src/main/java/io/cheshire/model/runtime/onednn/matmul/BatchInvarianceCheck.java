package io.cheshire.model.runtime.onednn.matmul;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.onednn.ffi.Dnnl;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out at start-up, on the machine at hand and with the real weights, whether a row's bits depend on how many rows
 * run with it. One row is repeated in every place of blocks of several row counts; all results must be the same bits.
 */
final class BatchInvarianceCheck {
    private static final Logger LOG = LoggerFactory.getLogger(BatchInvarianceCheck.class);
    private static final int[] ROW_COUNTS = {2, 3, 5, 8, 16, 33, 64, 128};
    /** Larger row counts are left out where they would cost more than about five milliseconds. */
    private static final double MAX_OPERATIONS = 2e9;

    private static final int ALWAYS_CHECKED = 2;

    private BatchInvarianceCheck() {}

    /** The first of {@code preferred} and its fall-backs whose rows are independent. */
    static RowTiles choose(final MatmulPlan plan, final PackedWeights weights, final RowTiles preferred) {
        RowTiles candidate = preferred;
        while (candidate != RowTiles.FIXED_1 && !independent(plan, weights, candidate)) {
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

    private static boolean independent(final MatmulPlan plan, final PackedWeights weights, final RowTiles tiles) {
        final MatmulShape shape = plan.shape();
        final int most = Math.max(tiles.smallest(), ROW_COUNTS[ROW_COUNTS.length - 1]);
        try (NativeBuffer src = NativeBuffer.allocate((long) most * shape.k() * Float.BYTES);
                NativeBuffer dst = NativeBuffer.allocate((long) most * shape.n() * Float.BYTES);
                NativeBuffer expected = NativeBuffer.allocate((long) shape.n() * Float.BYTES)) {
            fill(src.segment(), plan.context().computeType(shape) == Dnnl.BF16 ? Dtype.BF16 : Dtype.F32, shape, most);
            boolean first = true;
            for (int i = 0; i < ROW_COUNTS.length; i++) {
                final int rows = Math.clamp(ROW_COUNTS[i], tiles.smallest(), tiles.largest());
                if (i >= ALWAYS_CHECKED && 2.0 * rows * shape.k() * shape.n() > MAX_OPERATIONS) {
                    break;
                }
                plan.primitive(rows).execute(plan.context(), weights, src.address(), dst.address());
                if (first) {
                    MemorySegment.copy(dst.segment(), 0, expected.segment(), 0, (long) shape.n() * Float.BYTES);
                    first = false;
                }
                if (!sameRows(dst, expected, rows, shape.n())) {
                    return false;
                }
                if (tiles.smallest() == tiles.largest()) {
                    break;
                }
            }
            return true;
        }
    }

    private static boolean sameRows(final NativeBuffer dst, final NativeBuffer expected, final int rows, final int n) {
        final long rowBytes = (long) n * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            if (MemorySegment.mismatch(
                            dst.segment(), row * rowBytes, (row + 1) * rowBytes, expected.segment(), 0, rowBytes)
                    >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Ordinary activations: numbers of a fixed sequence in [-1, 1), no two neighbours alike. */
    private static void fill(final MemorySegment src, final Dtype dtype, final MatmulShape shape, final int rows) {
        final long rowBytes = (long) shape.k() * dtype.bytes();
        long state = 1;
        for (int i = 0; i < shape.k(); i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            final float value = (state >> 40) * 0x1p-23f;
            if (dtype == Dtype.BF16) {
                src.setAtIndex(JAVA_SHORT, i, Bf16.fromFloat(value));
            } else {
                src.setAtIndex(JAVA_FLOAT, i, value);
            }
        }
        for (int row = 1; row < rows; row++) {
            MemorySegment.copy(src, 0, src, row * rowBytes, rowBytes);
        }
    }
}
