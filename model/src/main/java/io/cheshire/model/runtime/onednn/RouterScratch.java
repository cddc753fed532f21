package io.cheshire.model.runtime.onednn;

import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.matmul.RowTiles;
import io.cheshire.model.runtime.onednn.simd.Lanes;

/** Intermediate activations of one step, with room to pad rows in place. */
final class RouterScratch implements AutoCloseable {
    /** Queries past the last head are read, and ignored, where a group of heads is padded. */
    private static final int SLACK_HEADS = 4;

    /** {@code [rows, hidden]}, inputs of a matmul. */
    final NativeBuffer normed;
    /** {@code [rows, q | k | v]} fp32. */
    final NativeBuffer qkv;
    /** {@code [rows, headCount * headDim]}, inputs of a matmul. */
    final NativeBuffer attended;
    /** {@code [rows, hidden]} fp32. */
    final NativeBuffer projected;
    /** {@code [threads, 2, hidden]} fp32. */
    final NativeBuffer workerRows;
    /** Router logits, one array a thread. */
    final float[][] gateLogits;

    RouterScratch(final ModelConfig config, final Dtype dtype, final int maxRows, final int threads) {
        final long rows = RowTiles.capacity(maxRows);
        final long hidden = config.hiddenSize();
        final long qkvWidth = config.queryWidth() + 2L * config.kvWidth();
        normed = NativeBuffer.allocate(Math.multiplyExact(rows, hidden * dtype.bytes()));
        qkv = NativeBuffer.allocate(
                (Math.multiplyExact(rows, qkvWidth) + (long) SLACK_HEADS * config.headDim()) * Float.BYTES);
        attended = NativeBuffer.allocate(Math.multiplyExact(rows, (long) config.queryWidth() * dtype.bytes()));
        projected = NativeBuffer.allocate(Math.multiplyExact(rows, hidden * Float.BYTES));
        workerRows = NativeBuffer.allocate(Math.multiplyExact(2L * threads, hidden * Float.BYTES));
        gateLogits = new float[threads][Lanes.padded(config.expertCount())];
    }

    @Override
    public void close() {
        normed.close();
        qkv.close();
        attended.close();
        projected.close();
        workerRows.close();
    }
}
