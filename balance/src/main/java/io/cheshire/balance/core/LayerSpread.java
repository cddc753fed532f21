package io.cheshire.balance.core;

/**
 * Places one layer's units over all slots: the unit whose replicas carry most gets one more until the slots are used,
 * then the largest replicas go first to the node that is done soonest. This is EPLB's greedy way ({@link Eplb}) with
 * replicas on distinct nodes; it is best where loads are nearly even and slots plenty, where {@link LayerFill} cuts too
 * little.
 */
final class LayerSpread {
    private final int[] count;
    private final int[] order;
    private final double[] size;
    private final double[] time;

    LayerSpread(final int units, final int nodes) {
        this.count = new int[units];
        this.order = new int[units];
        this.size = new double[units];
        this.time = new double[nodes];
    }

    /**
     * Spreads the units.
     *
     * @return whether every unit got its required replicas and every node is below {@code known}; the state is half
     *     filled where not
     */
    boolean spread(final LayerState state, final double known) {
        replicate(state);
        state.clear();
        rank(state);
        for (final int unit : order) {
            final long chosen = soonest(state, unit);
            if (Long.bitCount(chosen) < state.required) {
                return false;
            }
            state.place(chosen, unit);
            if (state.holdersExceed(unit, known)) {
                return false;
            }
        }
        return state.hottest() < known;
    }

    private void replicate(final LayerState state) {
        int free = 0;
        for (int n = 0; n < state.nodes; n++) {
            free += state.slots[n];
        }
        double work = 0;
        for (int u = 0; u < state.units; u++) {
            work += state.cost[u];
        }
        // The slots suffice to cut every unit at least so small, so none larger is left: the first cuts are known at
        // once.
        final double surely = work / (free - state.required * state.units);
        for (int u = 0; u < state.units; u++) {
            final int cuts = state.cost[u] > surely ? (int) (state.cost[u] / surely) : 0;
            count[u] = Math.min(Math.max(state.required, cuts), Math.max(state.required, state.nodes));
            size[u] = state.cost[u] / count[u];
            free -= count[u];
        }
        while (free-- > 0) {
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

    /** Nodes with room that are done soonest with a replica of the unit, as many as it gets, or all. */
    private long soonest(final LayerState state, final int unit) {
        for (int n = 0; n < state.nodes; n++) {
            time[n] = state.hasRoom(n) ? state.load[n] + size[unit] / state.speed[n] : Double.POSITIVE_INFINITY;
        }
        long chosen = 0;
        for (int copy = 0; copy < count[unit]; copy++) {
            int best = 0;
            double least = time[0];
            for (int n = 1; n < state.nodes; n++) {
                if (time[n] < least) {
                    best = n;
                    least = time[n];
                }
            }
            if (least == Double.POSITIVE_INFINITY) {
                return chosen;
            }
            chosen |= 1L << best;
            time[best] = Double.POSITIVE_INFINITY;
        }
        return chosen;
    }
}
