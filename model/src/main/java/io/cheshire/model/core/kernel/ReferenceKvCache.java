package io.cheshire.model.core.kernel;

import io.cheshire.model.protocol.ModelConfig;

/**
 * Keys and values in fp32, paged: a block holds {@code tokensPerBlock} positions of one sequence for all layers.
 *
 * <pre>
 * block = [layer][key | value][slot in block][kvHeadCount * headDim]
 * </pre>
 */
final class ReferenceKvCache {
    private final float[][] blocks;
    private final KvLayout layout;
    private final int kvWidth;

    ReferenceKvCache(final ModelConfig config, final KvLayout layout) {
        this.layout = layout;
        this.kvWidth = config.kvWidth();
        blocks = new float[layout.blockCount()][blockFloats(config, layout.tokensPerBlock())];
    }

    /** Elements of one block; fp32 whatever the precision of the model is. */
    static int blockFloats(final ModelConfig config, final int tokensPerBlock) {
        return Math.multiplyExact(
                Math.multiplyExact(Math.multiplyExact(2, tokensPerBlock), config.kvWidth()), config.layerCount());
    }

    /** The array that holds {@code position}. */
    float[] block(final int[] blockTable, final int position) {
        return blocks[blockTable[position / layout.tokensPerBlock()]];
    }

    /** Where the key of {@code position} begins in its block. */
    int keyOffset(final int layer, final int position) {
        final int slot = position % layout.tokensPerBlock();
        return (2 * layer * layout.tokensPerBlock() + slot) * kvWidth;
    }

    /** Where the value of {@code position} begins in its block. */
    int valueOffset(final int layer, final int position) {
        return keyOffset(layer, position) + layout.tokensPerBlock() * kvWidth;
    }

    KvLayout layout() {
        return layout;
    }

    long bytes() {
        return (long) Float.BYTES * blocks.length * blocks[0].length;
    }
}
