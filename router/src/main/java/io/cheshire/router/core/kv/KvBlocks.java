package io.cheshire.router.core.kv;

/**
 * The pool of KV blocks together with the prefix cache. A block is held by the sequences that use it and, once its
 * contents are published, by the cache; blocks held by the cache alone count as free, since {@link #allocate} takes
 * them when nothing else is left. Engine thread only.
 */
public final class KvBlocks {
    private final BlockPool pool;
    private final PrefixCache cache;

    public KvBlocks(final int blockCount) {
        pool = new BlockPool(blockCount);
        cache = new PrefixCache(blockCount);
    }

    /** A block for one sequence alone, contents undefined; -1 when every block is in use by a sequence. */
    public int allocate() {
        final int block = pool.allocate();
        if (block >= 0) {
            return block;
        }
        final int evicted = cache.evict();
        if (evicted < 0) {
            return -1;
        }
        pool.release(evicted);
        return pool.allocate();
    }

    /** The block with these contents, held for the caller from now on; -1 when none is cached. */
    public int acquire(final BlockKey key) {
        final int block = cache.find(key);
        if (block >= 0) {
            cache.markBusy(block);
            pool.retain(block);
        }
        return block;
    }

    /**
     * Lets later sequences find a block that the caller holds. The block must never be written again. Contents cached
     * already stay where they are: then the caller's block simply isn't shared.
     */
    public void publish(final BlockKey key, final int block) {
        if (cache.add(key, block)) {
            pool.retain(block);
        }
    }

    /**
     * The caller no longer uses the block. Release a sequence's last block first, so that prefixes outlive their tails.
     */
    public void release(final int block) {
        if (pool.release(block) == 1 && cache.holds(block)) {
            cache.markIdle(block);
        }
    }

    /** Blocks that {@link #allocate} can hand out. */
    public int freeCount() {
        return pool.freeCount() + cache.idleCount();
    }

    public int blockCount() {
        return pool.blockCount();
    }

    /** Blocks that the prefix cache knows. */
    public int cachedCount() {
        return cache.size();
    }

    /** Holders of a block, the cache among them; 0 when it is free. */
    int holders(final int block) {
        return pool.holders(block);
    }
}
