package io.cheshire.router.core.kv;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks hold which prefix, and in what order those that no sequence uses may be given up: the one idle longest
 * first. The list of idle blocks runs through arrays indexed by block, so that nothing is searched. Not thread-safe.
 */
final class PrefixCache {
    private static final int NONE = -1;

    private final Map<BlockKey, Integer> blockByKey = new HashMap<>();
    private final @Nullable BlockKey[] keyOfBlock;
    private final boolean[] idle;
    private final int[] previous;
    private final int[] next;
    private int oldest = NONE;
    private int newest = NONE;
    private int idleCount;

    PrefixCache(final int blockCount) {
        keyOfBlock = new BlockKey[blockCount];
        idle = new boolean[blockCount];
        previous = new int[blockCount];
        next = new int[blockCount];
        Arrays.fill(previous, NONE);
        Arrays.fill(next, NONE);
    }

    /** The block with these contents, or -1. */
    int find(final BlockKey key) {
        final Integer block = blockByKey.get(key);
        return block == null ? NONE : block;
    }

    /** Remembers a block; false if these contents are cached already or the block is. */
    boolean add(final BlockKey key, final int block) {
        if (keyOfBlock[block] != null || blockByKey.putIfAbsent(key, block) != null) {
            return false;
        }
        keyOfBlock[block] = key;
        return true;
    }

    boolean holds(final int block) {
        return keyOfBlock[block] != null;
    }

    /** No sequence uses the block any more. */
    void markIdle(final int block) {
        idle[block] = true;
        previous[block] = newest;
        next[block] = NONE;
        if (newest == NONE) {
            oldest = block;
        } else {
            next[newest] = block;
        }
        newest = block;
        idleCount++;
    }

    /** A sequence uses the block again. */
    void markBusy(final int block) {
        if (idle[block]) {
            unlink(block);
        }
    }

    /** Forgets the block idle longest and answers it, or -1 when none is idle. */
    int evict() {
        final int block = oldest;
        if (block != NONE) {
            unlink(block);
            blockByKey.remove(keyOfBlock[block]);
            keyOfBlock[block] = null;
        }
        return block;
    }

    int idleCount() {
        return idleCount;
    }

    int size() {
        return blockByKey.size();
    }

    private void unlink(final int block) {
        if (previous[block] == NONE) {
            oldest = next[block];
        } else {
            next[previous[block]] = next[block];
        }
        if (next[block] == NONE) {
            newest = previous[block];
        } else {
            previous[next[block]] = previous[block];
        }
        previous[block] = NONE;
        next[block] = NONE;
        idle[block] = false;
        idleCount--;
    }
}
