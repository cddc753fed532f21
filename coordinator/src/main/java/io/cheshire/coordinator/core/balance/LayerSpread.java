package io.cheshire.coordinator.core.balance;

import java.util.Arrays;

/**
 * Places one layer's units over all slots: the unit whose replicas carry most gets one more until the slots are used, then
 * the largest replicas go first to the node that is done soonest. This is EPLB's greedy way ({@link Eplb}) with replicas on
 * distinct nodes; it is best where loads are nearly even and slots plenty, where {@link LayerFill} cuts too little.
 */
final class LayerSpread {
    private final int[] count;
    private final int[] order;

    LayerSpread(final int units) {
        this.count = new int[units];
        this.order = new int[units];
    }

    /** Returns whether every unit got its required replicas; the state is half filled where not. */
    boolean spread(final LayerState state) {
        replicate(state);
        state.clear();
        rank(state);
        for (final int unit : order) {
            for (int copy = 0; copy < count[unit]; copy++) {
                final int node = soonest(state, unit);
                if (node < 0 && copy < state.required) {
                    return false;
                }
                if (node >= 0) {
                    state.add(node, unit);
                }
            }
        }
        return true;
    }

    private void replicate(final LayerState state) {
        int free = 0;
        for (int n = 0; n < state.nodes; n++) {
            free += state.slots[n];
        }
        Arrays.fill(count, state.required);
        for (free -= state.required * state.units; free > 0; free--) {
            int most = -1;
            for (int u = 0; u < state.units; u++) {
                if (count[u] < state.nodes && (most < 0 || size(state, u) > size(state, most))) {
                    most = u;
                }
            }
            if (most < 0) {
                return;
            }
            count[most]++;
        }
    }

    private double size(final LayerState state, final int unit) {
        return state.cost[unit] / count[unit];
    }

    private void rank(final LayerState state) {
        for (int u = 0; u < state.units; u++) {
            int at = u;
            while (at > 0 && size(state, order[at - 1]) < size(state, u)) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = u;
        }
    }

    private int soonest(final LayerState state, final int unit) {
        final double size = size(state, unit);
        int best = -1;
        double bestTime = Double.POSITIVE_INFINITY;
        for (int n = 0; n < state.nodes; n++) {
            if (state.hasRoom(n) && !state.holds(n, unit)) {
                final double time = state.load[n] + size / state.speed[n];
                if (time < bestTime) {
                    best = n;
                    bestTime = time;
                }
            }
        }
        return best;
    }
}
