package io.cheshire.model.runtime.cuda;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;

/**
 * Where a step's rows are between a router's kernels, on the device: one set for all lanes, since their kernels run one
 * after another in one stream and nothing in it outlives a call's.
 */
final class RouterBuffers {
    /** Rows of the head at once; their logits are wide. */
    static final int HEAD_ROWS = 64;

    /** Inputs of q, k and v, and of the head: fragments, or fp32 rows. */
    final DeviceBlock normed;
    /** {@code [rows, q | k | v]} fp32. */
    final DeviceBlock qkv;
    /** Inputs of the output projection. */
    final DeviceBlock attended;
    /** {@code [HEAD_ROWS, hidden]} fp32: the residual with the last layer's experts. */
    final DeviceBlock combined;

    RouterBuffers(final RouterMemory memory, final ModelConfig config, final Dtype dtype, final int maxRows) {
        final long hidden = config.hiddenSize();
        final long qkvWidth = config.queryWidth() + 2L * config.kvWidth();
        normed = memory.device(inputBytes(dtype, maxRows, config.hiddenSize()), "normed rows");
        qkv = memory.device(maxRows * qkvWidth * Float.BYTES, "projected rows");
        attended = memory.device(inputBytes(dtype, maxRows, config.queryWidth()), "attended rows");
        combined = memory.device(Math.min(maxRows, HEAD_ROWS) * hidden * Float.BYTES, "combined rows");
    }

    private static long inputBytes(final Dtype dtype, final int rows, final int width) {
        return dtype == Dtype.BF16
                ? Tiling.paddedRows(rows) * Tiling.padded(width) * Short.BYTES
                : (long) rows * width * Float.BYTES;
    }
}
