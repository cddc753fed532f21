package io.cheshire.coordinator.core.balance;

/**
 * Improves a placement of one layer step by step: every step relieves the hottest node by adding, moving, dropping or
 * swapping a replica, the one that gains most after its price. Also makes an infeasible start feasible, and takes back what
 * turns out not to be needed.
 */
final class LayerDescent {
    /** Bound on steps: most of the gain comes first, and further steps cost more time than they gave (measured on 4 to 16 units). */
    static final int STEPS = 4;

    private static final double EPSILON = 1e-9;

    /** A layer so near to the mean, below which nothing is, is left as it is: no prediction is as good as that. */
    static final double SETTLED = 1.002;

    private final StepSearch search = new StepSearch();

    /**
     * Gives every unit its required replicas: on the node with room that is least loaded after it, by falling need of room.
     *
     * @throws IllegalStateException when there is no room, which the caller's arithmetic has excluded
     */
    void complete(final LayerState state) {
        for (int u = 0; u < state.units; u++) {
            while (state.replicas(u) < state.required) {
                int node = emptiest(state, u);
                if (node < 0) {
                    node = makeRoom(state, u);
                }
                state.add(node, u);
            }
        }
    }

    private static int emptiest(final LayerState state, final int unit) {
        int best = -1;
        for (int n = 0; n < state.nodes; n++) {
            if (state.hasRoom(n) && !state.holds(n, unit) && (best < 0 || better(state, n, best, unit))) {
                best = n;
            }
        }
        return best;
    }

    /** A node that holds the unit already costs nothing to load; else the one with more room, then with less load. */
    private static boolean better(final LayerState state, final int node, final int other, final int unit) {
        final long had = state.before[unit] >>> node & 1;
        final long otherHad = state.before[unit] >>> other & 1;
        if (had != otherHad) {
            return had > otherHad;
        }
        final int room = state.slots[node] - state.used[node];
        final int otherRoom = state.slots[other] - state.used[other];
        return room != otherRoom ? room > otherRoom : state.load[node] < state.load[other];
    }

    /** Drops a replica that another unit can spare, or shifts one to where there is room. */
    private static int makeRoom(final LayerState state, final int unit) {
        for (int n = 0; n < state.nodes; n++) {
            if (state.holds(n, unit) || state.slots[n] == 0) {
                continue;
            }
            for (long on = state.unitsOn[n]; on != 0; on &= on - 1) {
                final int other = Long.numberOfTrailingZeros(on);
                if (state.replicas(other) > state.required) {
                    state.remove(n, other);
                    return n;
                }
            }
        }
        for (int n = 0; n < state.nodes; n++) {
            for (long on = state.holds(n, unit) ? 0 : state.unitsOn[n]; on != 0; on &= on - 1) {
                final int other = Long.numberOfTrailingZeros(on);
                final int refuge = emptiest(state, other);
                if (refuge >= 0) {
                    state.add(refuge, other);
                    state.remove(n, other);
                    return n;
                }
            }
        }
        throw new IllegalStateException("no room for a unit although the slots suffice");
    }

    /**
     * Steps until none pays.
     *
     * @param price least gain of the hottest node for one unit loaded
     */
    void descend(final LayerState state, final double price) {
        final double settled = state.mean() * SETTLED;
        for (int step = 0; step < STEPS; step++) {
            if (state.hottest() <= settled || !search.step(state, price)) {
                return;
            }
        }
    }

    /**
     * Whether steps may bring the hottest node to {@code limit}: each relieves one hottest node, so no more nodes than there
     * are steps may be hotter. What a step spares the unit's further holders isn't counted: where moves are free, steps
     * that needed it were better in 1 of 1,440 random problems.
     */
    boolean mayReach(final LayerState state, final double limit) {
        int tooHot = 0;
        for (int n = 0; n < state.nodes; n++) {
            tooHot += state.load[n] > limit ? 1 : 0;
        }
        return tooHot <= STEPS;
    }

    /** Takes back loads that the hottest node doesn't need, so that no byte is moved without gain. */
    void prune(final LayerState state) {
        final double limit = state.hottest() * (1 + EPSILON);
        for (int u = 0; u < state.units; u++) {
            for (long added = state.holders[u] & ~state.before[u]; added != 0; added &= added - 1) {
                takeBack(state, u, Long.numberOfTrailingZeros(added), limit);
            }
        }
    }

    private static void takeBack(final LayerState state, final int unit, final int node, final double limit) {
        if (state.replicas(unit) > state.required) {
            state.remove(node, unit);
            if (!state.holdersExceed(unit, limit)) {
                return;
            }
            state.add(node, unit);
        }
        for (long gone = state.before[unit] & ~state.holders[unit]; gone != 0; gone &= gone - 1) {
            final int back = Long.numberOfTrailingZeros(gone);
            if (state.hasRoom(back)) {
                state.add(back, unit);
                state.remove(node, unit);
                if (!state.holdersExceed(unit, limit)) {
                    return;
                }
                state.add(node, unit);
                state.remove(back, unit);
            }
        }
    }
}
