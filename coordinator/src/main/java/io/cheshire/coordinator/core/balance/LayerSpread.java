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
    private final double[] size;

    LayerSpread(final int units) {
        this.count = new int[units];
        this.order = new int[units];
        this.size = new double[units];
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
        for (int u = 0; u < state.units; u++) {
            size[u] = state.cost[u] / state.required;
        }
        for (free -= state.required * state.units; free > 0; free--) {
            int most = -1;
            for (int u = 0; u < state.units; u++) {
                if (count[u] < state.nodes && (most < 0 || size[u] > size[most])) {
                    most = u;
                }
            }
            if (most < 0) {
                return;
            }
            count[most]++;
            size[most] = state.cost[most] / count[most];
        }
    }

    private void rank(final LayerState state) {
        for (int u = 0; u < state.units; u++) {
            int at = u;
            while (at > 0 && size[order[at - 1]] < size[u]) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = u;
        }
    }

    private int soonest(final LayerState state, final int unit) {
        int best = -1;
        double bestTime = Double.POSITIVE_INFINITY;
        for (int n = 0; n < state.nodes; n++) {
            if (state.hasRoom(n) && !state.holds(n, unit)) {
                final double time = state.load[n] + size[unit] / state.speed[n];
                if (time < bestTime) {
                    best = n;
                    bestTime = time;
                }
            }
        }
        return best;
    }
}
