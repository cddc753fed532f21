package io.cheshire.model.runtime.onednn;

import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.onednn.ffi.NativeBuffer;
import io.cheshire.model.runtime.onednn.simd.KvRows;
import io.cheshire.model.runtime.onednn.simd.Lanes;

/**
 * Keys and values of all layers in pages. Within a page each key head has its keys transposed, so that scores run over
 * neighbouring keys, and its values row by row:
 *
 * <pre>
 * [layer][block][kvHead] { keys [headDim][keyStride], values [tokensPerBlock][valueStride] }
 * </pre>
 *
 * <p>Strides are rounded up to whole vectors. Memory is not cleared: a page's slots are written before they are read,
 * and what lies past them is never used.
 */
final class KvCache implements AutoCloseable {
    private final KvLayout layout;
    private final boolean bf16;
    private final int kvHeads;
    private final int headDim;
    private final int keyStride;
    private final int valueStride;
    private final int elementBytes;
    private final long headBytes;
    private final NativeBuffer buffer;

    KvCache(final ModelConfig config, final Dtype dtype, final KvLayout layout) {
        this.layout = layout;
        this.bf16 = dtype == Dtype.BF16;
        this.kvHeads = config.kvHeadCount();
        this.headDim = config.headDim();
        this.keyStride = Lanes.padded(layout.tokensPerBlock());
        this.valueStride = Lanes.padded(headDim);
        this.elementBytes = dtype.bytes();
        this.headBytes = headBytes(config, dtype, layout.tokensPerBlock());
        this.buffer = NativeBuffer.allocate(
                Math.multiplyExact(blockBytes(config, dtype, layout.tokensPerBlock()), (long) layout.blockCount()));
    }

    /** Bytes of one block over all layers and key heads. */
    static long blockBytes(final ModelConfig config, final Dtype dtype, final int tokensPerBlock) {
        final long heads = Math.multiplyExact((long) config.layerCount(), config.kvHeadCount());
        return Math.multiplyExact(heads, headBytes(config, dtype, tokensPerBlock));
    }

    private static long headBytes(final ModelConfig config, final Dtype dtype, final int tokensPerBlock) {
        final long keys = (long) config.headDim() * Lanes.padded(tokensPerBlock);
        final long values = (long) tokensPerBlock * Lanes.padded(config.headDim());
        return Math.multiplyExact(keys + values, dtype.bytes());
    }

    /** Stores one position's key and value of one head, fp32 at the given addresses. */
    void append(final int layer, final int block, final int slot, final int head, final long key, final long value) {
        final long keys = keys(layer, block, head);
        final long values = values(layer, block, head) + (long) slot * valueStride * elementBytes;
        KvRows.storeTransposed(key, headDim, keys + (long) slot * elementBytes, keyStride, bf16);
        KvRows.store(value, headDim, values, bf16);
    }

    /** Address of {@code [headDim][keyStride]}. */
    long keys(final int layer, final int block, final int head) {
        return buffer.address() + (((long) layer * layout.blockCount() + block) * kvHeads + head) * headBytes;
    }

    /** Address of {@code [tokensPerBlock][valueStride]}. */
    long values(final int layer, final int block, final int head) {
        return keys(layer, block, head) + (long) headDim * keyStride * elementBytes;
    }

    boolean bf16() {
        return bf16;
    }

    int keyStride() {
        return keyStride;
    }

    int valueStride() {
        return valueStride;
    }

    KvLayout layout() {
        return layout;
    }

    long bytes() {
        return buffer.bytes();
    }

    @Override
    public void close() {
        buffer.close();
    }
}
