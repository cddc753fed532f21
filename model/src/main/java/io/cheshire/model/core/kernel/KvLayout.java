package io.cheshire.model.core.kernel;

/**
 * Size of the paged KV cache. The router's core hands out block numbers; the kernel owns the memory behind them.
 *
 * @param blockCount      blocks in the pool, numbered from 0
 * @param tokensPerBlock  positions in one block, all layers of them; a power of two
 */
public record KvLayout(int blockCount, int tokensPerBlock) {
    public KvLayout {
        if (blockCount < 1 || tokensPerBlock < 1 || Integer.bitCount(tokensPerBlock) != 1) {
            throw new IllegalArgumentException("blockCount must be positive and tokensPerBlock a power of two: "
                    + blockCount + ", " + tokensPerBlock);
        }
    }
}
