package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;

/**
 * Keys and values of all layers on the device, in pages:
 *
 * <pre>
 * [layer][block][kv head][key | value][slot][HeadSize.stride]
 * </pre>
 *
 * <p>Not cleared: a slot is written before it is read, and kernels don't read slots that no row of theirs sees.
 */
record RouterCache(DeviceBlock memory, KvLayout layout, HeadSize heads, Dtype dtype, long layerBytes) {
    static RouterCache allocate(
            final RouterMemory memory, final ModelConfig config, final Dtype dtype, final KvLayout layout) {
        if ((long) layout.blockCount() * layout.tokensPerBlock() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a KV cache of " + layout.blockCount() + " blocks of "
                    + layout.tokensPerBlock() + " positions has more than 2^31 of them: lower its bytes"
                    + " (cheshire.router.engine.kv.bytes)");
        }
        final long all = Math.multiplyExact(blockBytes(config, dtype, layout.tokensPerBlock()), layout.blockCount());
        return new RouterCache(
                memory.device(all, "the KV cache"), layout, HeadSize.of(config), dtype, all / config.layerCount());
    }

    /** Bytes of one block over all layers. */
    static long blockBytes(final ModelConfig config, final Dtype dtype, final int tokensPerBlock) {
        final long vectors = 2L * config.layerCount() * config.kvHeadCount();
        return Math.multiplyExact(vectors * tokensPerBlock, (long) HeadSize.of(config).stride * dtype.bytes());
    }

    long layerAddress(final int layer) {
        return memory.address() + layer * layerBytes;
    }

    /** The most positions that one sequence can have here. */
    int positions(final ModelConfig config) {
        return Math.min(layout.blockCount() * layout.tokensPerBlock(), config.maxPositionEmbeddings());
    }
}
