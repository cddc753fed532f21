package io.cheshire.balance.core;

import java.util.Arrays;

/**
 * Renames equal nodes of a placement so that as many replicas as possible lie where they lay before: pairs by falling
 * overlap. Loads don't change, since only nodes of the same speed and slots trade places.
 */
final class LayerRelabel {
    private final int[] nameOf;
    /** By node of the placement: nodes that held some unit of it before. */
    private final long[] reach;

    private long taken;
    private final long[] renamed;
    private final long[] beforeOn;

    LayerRelabel(final int nodes) {
        this.nameOf = new int[nodes];
        this.reach = new long[nodes];
        this.renamed = new long[Long.SIZE];
        this.beforeOn = new long[nodes];
    }

    void toMatch(final LayerState state) {
        Arrays.fill(nameOf, -1);
        taken = 0;
        findBefore(state);
        for (int overlap = mostSlots(state); overlap >= 0; overlap--) {
            pair(state, overlap);
        }
        for (int u = 0; u < state.units; u++) {
            renamed[u] = 0;
            for (long mask = state.holders[u]; mask != 0; mask &= mask - 1) {
                renamed[u] |= 1L << nameOf[Long.numberOfTrailingZeros(mask)];
            }
        }
        state.clear();
        for (int u = 0; u < state.units; u++) {
            state.place(renamed[u], u);
        }
    }

    private void pair(final LayerState state, final int overlap) {
        for (int from = 0; from < state.nodes; from++) {
            if (nameOf[from] >= 0) {
                continue;
            }
            for (long free = overlap == 0 ? ~taken : reach[from] & ~taken; free != 0; free &= free - 1) {
                final int to = Long.numberOfTrailingZeros(free);
                if (to >= state.nodes) {
                    break;
                }
                if (alike(state, from, to) && Long.bitCount(state.unitsOn[from] & beforeOn[to]) >= overlap) {
                    nameOf[from] = to;
                    taken |= 1L << to;
                    break;
                }
            }
        }
    }

    private static boolean alike(final LayerState state, final int node, final int other) {
        return state.speed[node] == state.speed[other] && state.slots[node] == state.slots[other];
    }

    /** Units that each node held before. */
    private void findBefore(final LayerState state) {
        Arrays.fill(beforeOn, 0);
        Arrays.fill(reach, 0);
        for (int u = 0; u < state.units; u++) {
            for (long mask = state.before[u]; mask != 0; mask &= mask - 1) {
                beforeOn[Long.numberOfTrailingZeros(mask)] |= 1L << u;
            }
            for (long mask = state.holders[u]; mask != 0; mask &= mask - 1) {
                reach[Long.numberOfTrailingZeros(mask)] |= state.before[u];
            }
        }
    }

    private static int mostSlots(final LayerState state) {
        int most = 0;
        for (int n = 0; n < state.nodes; n++) {
            most = Math.max(most, state.used[n]);
        }
        return most;
    }
}
