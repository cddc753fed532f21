package io.cheshire.expertnode.core;

import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;

/**
 * The last shards that a connection brought, with their highest attempt: what comes again is a duplicate. Bounded: the
 * oldest is forgotten first. Shard numbers are never reused, so one forgotten too early costs a needless computation,
 * not a wrong answer.
 */
final class RecentShards {
    private static final long MISSING = -1;

    private final Long2LongHashMap attempts;
    private final long[] order;
    private int next;

    RecentShards(final int capacity) {
        attempts = new Long2LongHashMap(2 * capacity, 0.55f, MISSING);
        order = new long[capacity];
        Arrays.fill(order, MISSING);
    }

    /** Whether this attempt or a later one was seen. */
    boolean has(final long shardId, final int attempt) {
        return attempts.get(shardId) >= attempt;
    }

    void add(final long shardId, final int attempt) {
        if (attempts.put(shardId, attempt) != MISSING) {
            return;
        }
        if (order[next] != MISSING) {
            attempts.remove(order[next]);
        }
        order[next] = shardId;
        next = next + 1 == order.length ? 0 : next + 1;
    }
}
