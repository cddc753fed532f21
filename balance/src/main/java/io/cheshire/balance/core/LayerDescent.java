package io.cheshire.balance.core;

import java.util.Arrays;

/**
 * Improves a placement of one layer step by step: every step relieves the hottest node by adding, moving, dropping or
 * swapping a replica, the one that gains most after its price. Also makes an infeasible start feasible, and takes back
 * what turns out not to be needed.
 */
final class LayerDescent {
    /**
     * Bound on steps: most of the gain comes first, and further steps cost more time than they gave (measured on 4 to
     * 16 units).
     */
    static final int STEPS = 4;

    private static final double EPSILON = 1e-9;

    /** A layer so near to the mean, below which nothing is, is left as it is: no prediction is as good as that. */
    static final double SETTLED = 1.002;

    private final StepSearch search = new StepSearch();
    /** The highest loads, falling. */
    private final double[] hottest = new double[STEPS + 1];

    /**
     * Gives every unit its required replicas: on the node with room that is least loaded after it, by falling need of
     * room.
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
     * The least value, hottest node plus price, that steps may lead to: each relieves one hottest node and loads one
     * unit, so after one step the second hottest of now is left, and so on. What a step spares the unit's further
     * holders isn't counted: where moves are free, steps that needed it were better in 1 of 1,440 random problems.
     */
    double reach(final LayerState state, final double price) {
        Arrays.fill(hottest, 0);
        for (int n = 0; n < state.nodes; n++) {
            double load = state.load[n];
            for (int i = 0; load > hottest[STEPS]; i++) {
                if (load > hottest[i]) {
                    final double less = hottest[i];
                    hottest[i] = load;
                    load = less;
                }
            }
        }
        final double settled = state.mean() * SETTLED;
        double least = Double.POSITIVE_INFINITY;
        for (int step = 0; step <= STEPS; step++) {
            least = Math.min(least, Math.max(settled, hottest[step]) + price * (state.moves() + step));
        }
        return least;
    }

    /**
     * The least value that a placement made anew may be improved to. Of its 15 to 50 loads, steps and pruning take back
     * none to three on average, up to five where the price is so high that it is out of reach anyhow.
     */
    double reachOfLoads(final LayerState state, final double price) {
        return state.mean() + price * (state.moves() - STEPS);
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
        final double share = state.share[unit];
        final double left = state.holderSpeed[unit] - state.speed[node];
        final long others = state.holders[unit] & ~(1L << node);
        if (state.replicas(unit) > state.required
                && state.mayLose(unit, node)
                && !state.exceeds(others, limit + share - state.cost[unit] / left)) {
            state.remove(node, unit);
            return;
        }
        for (long gone = state.before[unit] & ~state.holders[unit]; gone != 0; gone &= gone - 1) {
            final int back = Long.numberOfTrailingZeros(gone);
            final boolean alike = state.speed[back] == state.speed[node];
            final double after = alike ? share : state.cost[unit] / (left + state.speed[back]);
            if (state.hasRoom(back)
                    && state.mayMove(unit, node, back)
                    && state.load[back] + after <= limit
                    && !state.exceeds(others, limit + share - after)) {
                state.add(back, unit);
                state.remove(node, unit);
                return;
            }
        }
    }
}
