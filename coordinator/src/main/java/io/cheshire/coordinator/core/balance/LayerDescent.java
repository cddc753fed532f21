package io.cheshire.coordinator.core.balance;

/**
 * Improves a placement of one layer step by step: every step relieves the hottest node by adding, moving, dropping or
 * swapping a replica, the one that gains most after its price. Also makes an infeasible start feasible, and takes back what
 * turns out not to be needed.
 */
final class LayerDescent {
    /** Bound on steps: most of the gain comes first, and further steps cost more time than they gave (measured on 4 to 16 units). */
    private static final int STEPS = 4;

    private static final double EPSILON = 1e-9;

    private double bestValue;
    private double bestUnevenness;
    private int bestUnit;
    private int bestTo;
    private int bestOut;
    private Step bestStep = Step.NONE;

    private enum Step {
        NONE,
        ADD,
        MOVE,
        DROP,
        SWAP,
        REPLACE
    }

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
        for (int step = 0; step < STEPS; step++) {
            final double hottest = state.hottest();
            bestValue = hottest + price * state.moves();
            bestUnevenness = state.unevenness() * (1 - EPSILON);
            bestStep = Step.NONE;
            search(state, price, hottest);
            if (bestStep == Step.NONE) {
                return;
            }
            apply(state, bestStep, state.hottestNode(), bestUnit, bestTo, bestOut);
        }
    }

    private void search(final LayerState state, final double price, final double hottest) {
        final int hot = state.hottestNode();
        final double below = hottest * (1 - EPSILON);
        for (long mine = state.unitsOn[hot]; mine != 0; mine &= mine - 1) {
            final int unit = Long.numberOfTrailingZeros(mine);
            if (state.replicas(unit) > state.required) {
                attempt(state, price, Step.DROP, hot, unit, hot, unit);
            }
            for (int to = 0; to < state.nodes; to++) {
                if (state.load[to] < below && !state.holds(to, unit) && state.slots[to] > 0) {
                    searchTarget(state, price, hot, unit, to, below);
                }
            }
        }
    }

    /** Looks only at steps after which the target isn't the hottest node itself: an inequality spares most of them. */
    private void searchTarget(
            final LayerState state,
            final double price,
            final int hot,
            final int unit,
            final int to,
            final double below) {
        final double room = below - state.load[to];
        final double cost = state.cost[unit];
        final double added = cost / (state.holderSpeed[unit] + state.speed[to]);
        final double moved = cost / (state.holderSpeed[unit] + state.speed[to] - state.speed[hot]);
        if (state.hasRoom(to)) {
            if (added < room) {
                attempt(state, price, Step.ADD, hot, unit, to, unit);
            }
            if (moved < room) {
                attempt(state, price, Step.MOVE, hot, unit, to, unit);
            }
            return;
        }
        final double here = cost / state.holderSpeed[unit];
        for (long theirs = state.unitsOn[to]; theirs != 0; theirs &= theirs - 1) {
            final int out = Long.numberOfTrailingZeros(theirs);
            final double freed = state.cost[out] / state.holderSpeed[out];
            final double back = state.cost[out] / (state.holderSpeed[out] + state.speed[hot] - state.speed[to]);
            if (moved - freed < room && back < here && !state.holds(hot, out)) {
                attempt(state, price, Step.SWAP, hot, unit, to, out);
            }
            if (added - freed < room && state.replicas(out) > state.required) {
                attempt(state, price, Step.REPLACE, hot, unit, to, out);
            }
        }
    }

    /** Does the step, looks, and undoes it. */
    private void attempt(
            final LayerState state,
            final double price,
            final Step step,
            final int hot,
            final int unit,
            final int to,
            final int out) {
        apply(state, step, hot, unit, to, out);
        final double value = state.hottest() + price * state.moves();
        if (value <= bestValue * (1 + EPSILON)) {
            final double unevenness = state.unevenness();
            if (value < bestValue * (1 - EPSILON) || unevenness < bestUnevenness) {
                bestValue = Math.min(value, bestValue);
                bestUnevenness = unevenness;
                bestStep = step;
                bestUnit = unit;
                bestTo = to;
                bestOut = out;
            }
        }
        undo(state, step, hot, unit, to, out);
    }

    private static void apply(
            final LayerState state, final Step step, final int hot, final int unit, final int to, final int out) {
        switch (step) {
            case NONE -> {}
            case ADD -> state.add(to, unit);
            case MOVE -> {
                state.add(to, unit);
                state.remove(hot, unit);
            }
            case DROP -> state.remove(hot, unit);
            case SWAP -> {
                state.add(to, unit);
                state.remove(hot, unit);
                state.add(hot, out);
                state.remove(to, out);
            }
            case REPLACE -> {
                state.remove(to, out);
                state.add(to, unit);
            }
        }
    }

    private static void undo(
            final LayerState state, final Step step, final int hot, final int unit, final int to, final int out) {
        switch (step) {
            case NONE -> {}
            case ADD -> state.remove(to, unit);
            case MOVE -> {
                state.add(hot, unit);
                state.remove(to, unit);
            }
            case DROP -> state.add(hot, unit);
            case SWAP -> {
                state.add(to, out);
                state.remove(hot, out);
                state.add(hot, unit);
                state.remove(to, unit);
            }
            case REPLACE -> {
                state.remove(to, unit);
                state.add(to, out);
            }
        }
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
            if (state.hottest() <= limit) {
                return;
            }
            state.add(node, unit);
        }
        for (long gone = state.before[unit] & ~state.holders[unit]; gone != 0; gone &= gone - 1) {
            final int back = Long.numberOfTrailingZeros(gone);
            if (state.hasRoom(back)) {
                state.add(back, unit);
                state.remove(node, unit);
                if (state.hottest() <= limit) {
                    return;
                }
                state.add(node, unit);
                state.remove(back, unit);
            }
        }
    }
}
