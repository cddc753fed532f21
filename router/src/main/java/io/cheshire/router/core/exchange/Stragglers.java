package io.cheshire.router.core.exchange;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts for each node the layers whose last result came from it. Written by the engine thread, read by any. */
public final class Stragglers {
    /** Numbers that nodes may have. */
    private static final int NODE_IDS = 4096;

    private final AtomicLongArray byNode = new AtomicLongArray(NODE_IDS);

    /** One writer: no locked instruction needed. */
    void last(final int nodeId) {
        if (nodeId < NODE_IDS) {
            byNode.setRelease(nodeId, byNode.getPlain(nodeId) + 1);
        }
    }

    /** By number of the node; those that were never last aren't in it. */
    public SortedMap<Integer, Long> byNode() {
        final SortedMap<Integer, Long> counts = new TreeMap<>();
        for (int nodeId = 0; nodeId < NODE_IDS; nodeId++) {
            final long count = byNode.getAcquire(nodeId);
            if (count > 0) {
                counts.put(nodeId, count);
            }
        }
        return counts;
    }
}
