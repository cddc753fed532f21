package io.cheshire.router.core.kv;

/**
 * The blocks of the KV cache and how many hold each of them. A block with no holder is free. Knows block numbers only;
 * the kernel owns the memory behind them. Not thread-safe.
 */
final class BlockPool {
    private final int[] holders;
    private final int[] free;
    private int freeCount;

    BlockPool(final int blockCount) {
        holders = new int[blockCount];
        free = new int[blockCount];
        for (int block = blockCount - 1; block >= 0; block--) {
            free[freeCount++] = block;
        }
    }

    /** A block with one holder, or -1 when none is free. */
    int allocate() {
        if (freeCount == 0) {
            return -1;
        }
        final int block = free[--freeCount];
        holders[block] = 1;
        return block;
    }

    /** One holder more. */
    void retain(final int block) {
        requireHeld(block);
        holders[block]++;
    }

    /** One holder less; answers how many are left. */
    int release(final int block) {
        requireHeld(block);
        if (--holders[block] == 0) {
            free[freeCount++] = block;
        }
        return holders[block];
    }

    int holders(final int block) {
        return holders[block];
    }

    int freeCount() {
        return freeCount;
    }

    int blockCount() {
        return holders.length;
    }

    private void requireHeld(final int block) {
        if (holders[block] < 1) {
            throw new IllegalStateException("KV block " + block + " is free already");
        }
    }
}
