package io.cheshire.router.core.exchange;

import io.cheshire.balance.core.Assignment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Plans for a layer which node gets how many rows of each unit, so that the slowest node is done soonest: from what the
 * nodes still owe, how fast each was lately, and what a part costs ({@link SplitPolicy}). Only nodes that are well take
 * part; a unit without such a node is left to {@link NodeChoice} when its shards are sent, and so is every shard whose
 * planned node is no longer well by then. A plan is never more than a preference.
 *
 * <p>Time is counted in rows of a node of middling speed. The plan is for one layer of one lane and overwritten by the
 * next. Allocates nothing after construction.
 */
final class RowSplit {
    /** A node between the one and the other counts as fast as all: small differences are noise. */
    private static final double EVEN_FROM = 0.8;

    private static final double EVEN_UNTIL = 1.25;
    /** No node counts as so many times faster or slower, so that none is left out on a few odd answers. */
    private static final double MOST_UNEVEN = 4;

    private final NodeView nodes;
    private final int experts;
    private final int ridgeRows;
    private final int retryAfter;
    private final @Nullable ReplicaSplit split;

    private final int[] rows;
    private final long[] holders;
    private final double[] rowNs = new double[Assignment.MAX_NODES];
    private final double[] baseNs = new double[Assignment.MAX_NODES];
    private final double[] pacesNs = new double[Assignment.MAX_NODES];
    private final PeerNode[] slots = new PeerNode[Assignment.MAX_NODES];
    private int slotCount;
    private long plan;

    /** Rows of each unit that each slot is still to get, [experts, slots]. */
    private final int[] left;
    /** The slot whose part is being filled; -1 for a unit without a plan. */
    private final int[] cursor;

    /**
     * @param retryAfter so many plans pass a slow node over before one takes it for as fast as the others, to see
     * whether it is
     */
    RowSplit(final NodeView nodes, final SplitPolicy policy, final int retryAfter, final int experts) {
        this.nodes = nodes;
        this.experts = experts;
        this.ridgeRows = policy.ridgeRows();
        this.retryAfter = retryAfter;
        split = policy.enabled() && experts <= Long.SIZE ? new ReplicaSplit(experts, Assignment.MAX_NODES) : null;
        rows = new int[experts];
        holders = new long[experts];
        left = new int[split == null ? 0 : experts * Assignment.MAX_NODES];
        cursor = new int[experts];
        Arrays.fill(cursor, -1);
    }

    /**
     * Plans a layer.
     *
     * @param chosen the gate's choices, the first {@code places} of them
     * @return units whose rows go to several nodes
     */
    int plan(final int layer, final int places, final int[] chosen) {
        if (split == null) {
            return 0;
        }
        Arrays.fill(rows, 0);
        for (int place = 0; place < places; place++) {
            rows[chosen[place]]++;
        }
        if (!findHolders(layer)) {
            Arrays.fill(cursor, -1);
            return 0;
        }
        weighNodes();
        split.split(slotCount, rows, holders, rowNs, baseNs, ridgeRows, left);
        return startParts();
    }

    /** Whether some unit has more than one node to choose from. */
    private boolean findHolders(final int layer) {
        plan++;
        slotCount = 0;
        long several = 0;
        for (int expert = 0; expert < experts; expert++) {
            long mask = 0;
            if (rows[expert] > 0) {
                for (final int nodeId : nodes.replicas(layer, expert)) {
                    final PeerNode node = nodes.state(nodeId);
                    mask |= node.isWell() ? slotOf(node) : 0;
                }
            }
            holders[expert] = mask;
            rows[expert] = mask == 0 ? 0 : rows[expert];
            several |= mask & (mask - 1);
        }
        return several != 0;
    }

    private long slotOf(final PeerNode node) {
        if (node.planned != plan) {
            if (slotCount == slots.length) {
                return 0;
            }
            node.planned = plan;
            node.slot = slotCount;
            slots[slotCount++] = node;
        }
        return 1L << node.slot;
    }

    private void weighNodes() {
        final double medianNs = lowerMedianNs();
        for (int slot = 0; slot < slotCount; slot++) {
            rowNs[slot] = ratio(slots[slot], medianNs);
            baseNs[slot] = slots[slot].openCostRows * rowNs[slot];
        }
    }

    /** The lower of two middles, so that of two nodes the slow one is told; 0 while no pace is known. */
    private double lowerMedianNs() {
        int known = 0;
        for (int slot = 0; slot < slotCount; slot++) {
            final double paceNs = slots[slot].paceNs;
            if (paceNs > 0) {
                int at = known++;
                while (at > 0 && pacesNs[at - 1] > paceNs) {
                    pacesNs[at] = pacesNs[at - 1];
                    at--;
                }
                pacesNs[at] = paceNs;
            }
        }
        return known == 0 ? 0 : pacesNs[(known - 1) / 2];
    }

    private double ratio(final PeerNode node, final double medianNs) {
        final double ratio = node.paceNs > 0 ? node.paceNs / medianNs : 1;
        if (ratio > EVEN_FROM && ratio < EVEN_UNTIL) {
            return 1;
        }
        if (ratio >= EVEN_UNTIL && ++node.unevenPlans >= retryAfter) {
            node.unevenPlans = 0;
            return 1;
        }
        return Math.clamp(ratio, 1 / MOST_UNEVEN, MOST_UNEVEN);
    }

    private int startParts() {
        int inParts = 0;
        for (int expert = 0; expert < experts; expert++) {
            cursor[expert] = -1;
            int parts = 0;
            for (int slot = slotCount - 1; slot >= 0 && rows[expert] > 0; slot--) {
                if (left[expert * slotCount + slot] > 0) {
                    cursor[expert] = slot;
                    parts++;
                }
            }
            inParts += parts > 1 ? 1 : 0;
        }
        return inParts;
    }

    /** Whether the part that takes the unit's rows is full, so that the next row begins another shard. */
    boolean partEnds(final int expert) {
        return cursor[expert] >= 0 && left[expert * slotCount + cursor[expert]] == 0;
    }

    /** Takes a row of the unit out of the plan; answers the node it is meant for, or {@link OpenShard#NO_NODE}. */
    int take(final int expert) {
        int slot = cursor[expert];
        if (slot < 0) {
            return OpenShard.NO_NODE;
        }
        while (left[expert * slotCount + slot] == 0) {
            slot++;
        }
        cursor[expert] = slot;
        left[expert * slotCount + slot]--;
        return slots[slot].nodeId;
    }
}
