package io.cheshire.coordinator.core.balance;

import java.util.Arrays;

/**
 * Renames equal nodes of a placement so that as many replicas as possible lie where they lay before: pairs by falling
 * overlap. Loads don't change, since only nodes of the same speed and slots trade places.
 */
final class LayerRelabel {
    private final int[] nameOf;
    private final boolean[] taken;
    private final long[] renamed;
    private final long[] beforeOn;

    LayerRelabel(final int nodes) {
        this.nameOf = new int[nodes];
        this.taken = new boolean[nodes];
        this.renamed = new long[Long.SIZE];
        this.beforeOn = new long[nodes];
    }

    void toMatch(final LayerState state) {
        Arrays.fill(nameOf, -1);
        Arrays.fill(taken, false);
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
            for (long mask = renamed[u]; mask != 0; mask &= mask - 1) {
                state.add(Long.numberOfTrailingZeros(mask), u);
            }
        }
    }

    private void pair(final LayerState state, final int overlap) {
        for (int from = 0; from < state.nodes; from++) {
            for (int to = 0; to < state.nodes && nameOf[from] < 0; to++) {
                if (!taken[to]
                        && alike(state, from, to)
                        && Long.bitCount(state.unitsOn[from] & beforeOn[to]) >= overlap) {
                    nameOf[from] = to;
                    taken[to] = true;
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
        for (int u = 0; u < state.units; u++) {
            for (long mask = state.before[u]; mask != 0; mask &= mask - 1) {
                beforeOn[Long.numberOfTrailingZeros(mask)] |= 1L << u;
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
