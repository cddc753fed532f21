package io.cheshire.coordinator.core.balance;

/**
 * Places one layer's units so that no node exceeds a given time, or says that it can't. Units go in order of falling cost;
 * each gets the fewest replicas with which it fits, on the nodes it fills best. Few replicas first leaves slots for units
 * that need to be cut finely to fill the gaps: this is what greedy replication (EPLB) cannot find.
 */
final class LayerFill {
    /**
     * Times tried, over the mean: from the bottom up and not by bisection, since a placement may be found for a lower time and
     * missed for a higher one (there the first unit is cut too coarsely for the rest).
     */
    private static final double[] TRIALS = {0.002, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1};

    private final int[] order;
    private final int[] ranked;
    private int rankedCount;
    private double fastest;

    LayerFill(final int units, final int nodes) {
        this.order = new int[units];
        this.ranked = new int[nodes];
    }

    /** Sorts the units; to be called once a layer, before the rest. */
    void prepare(final LayerState state) {
        for (int i = 0; i < state.units; i++) {
            int at = i;
            while (at > 0 && state.cost[order[at - 1]] < state.cost[i]) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = i;
        }
    }

    /**
     * The placement for the lowest of the times tried, between the mean (no placement is below it) and {@code known}.
     *
     * @param work scratch; holds the last trial afterwards
     * @param best takes the placement found; unchanged where none was
     * @return whether one below {@code known} was found
     */
    boolean lowest(final LayerState work, final LayerState best, final double known) {
        final double mean = work.mean();
        for (final double above : TRIALS) {
            final double limit = mean * (1 + above);
            if (limit >= known) {
                return false;
            }
            if (fill(work, limit, false)) {
                best.copyPlacement(work);
                return true;
            }
        }
        return false;
    }

    /**
     * Fills within a time.
     *
     * @param limit      most time a node may take
     * @param keepInside whether units stay on nodes that hold them already where they fit there
     * @return whether every unit found its place; the state is half filled where not
     */
    boolean fill(final LayerState state, final double limit, final boolean keepInside) {
        state.clear();
        int free = 0;
        fastest = 0;
        for (int n = 0; n < state.nodes; n++) {
            free += state.slots[n];
            ranked[n] = n;
            fastest = Math.max(fastest, state.speed[n]);
        }
        rankedCount = state.nodes;
        for (int i = 0; i < state.units; i++) {
            final int reserved = (state.units - 1 - i) * state.required;
            rank(state);
            if (!place(state, order[i], limit * (1 + 1e-12), free - reserved, keepInside)) {
                return false;
            }
            free -= state.replicas(order[i]);
        }
        return true;
    }

    private boolean place(
            final LayerState state, final int unit, final double limit, final int most, final boolean keepInside) {
        final int lastCount = Math.min(most, rankedCount);
        final int firstCount = Math.max(state.required, (int) (state.cost[unit] / (limit * fastest)));
        for (int count = firstCount; count <= lastCount; count++) {
            if (keepInside && keep(state, unit, limit, count)) {
                return true;
            }
            final int at = window(state, unit, limit, count);
            if (at >= 0) {
                for (int i = at; i < at + count; i++) {
                    state.add(ranked[i], unit);
                }
                return true;
            }
        }
        return false;
    }

    /** The first {@code count} holders from before that have room, if the unit fits there. */
    private boolean keep(final LayerState state, final int unit, final double limit, final int count) {
        double speed = 0;
        double most = 0;
        long chosen = 0;
        for (int i = rankedCount - 1; i >= 0 && Long.bitCount(chosen) < count; i--) {
            final int node = ranked[i];
            if ((state.before[unit] >>> node & 1) != 0) {
                chosen |= 1L << node;
                speed += state.speed[node];
                most = Math.max(most, state.load[node]);
            }
        }
        if (Long.bitCount(chosen) < count || most + state.cost[unit] / speed > limit) {
            return false;
        }
        for (long mask = chosen; mask != 0; mask &= mask - 1) {
            state.add(Long.numberOfTrailingZeros(mask), unit);
        }
        return true;
    }

    /**
     * Start of the run of {@code count} nodes, fullest first, on which the unit just fits; -1 for none. The nodes are ranked
     * by falling load, so the first of a run is its fullest.
     */
    private int window(final LayerState state, final int unit, final double limit, final int count) {
        double speed = 0;
        for (int i = 0; i < count - 1; i++) {
            speed += state.speed[ranked[i]];
        }
        for (int at = 0; at + count <= rankedCount; at++) {
            speed += state.speed[ranked[at + count - 1]];
            if (state.load[ranked[at]] + state.cost[unit] / speed <= limit) {
                return at;
            }
            speed -= state.speed[ranked[at]];
        }
        return -1;
    }

    /** Nodes with room by falling load, then by number: an insertion sort of what is almost sorted. */
    private void rank(final LayerState state) {
        int count = 0;
        for (int i = 0; i < rankedCount; i++) {
            final int node = ranked[i];
            if (!state.hasRoom(node)) {
                continue;
            }
            int at = count++;
            while (at > 0 && comesBefore(state, node, ranked[at - 1])) {
                ranked[at] = ranked[at - 1];
                at--;
            }
            ranked[at] = node;
        }
        rankedCount = count;
    }

    private static boolean comesBefore(final LayerState state, final int node, final int other) {
        return state.load[node] > state.load[other] || (state.load[node] == state.load[other] && node < other);
    }
}
