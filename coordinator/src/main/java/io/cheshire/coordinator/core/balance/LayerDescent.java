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

    /** A layer so near to the mean, below which nothing is, is left as it is: no prediction is as good as that. */
    static final double SETTLED = 1.002;

    private double bestValue;
    /** How much the sum of squared loads falls: tells steps with the same hottest node apart. */
    private double bestChange;

    private int[] byLoad = {};
    private int bestUnit;
    private int bestTo;
    private int bestOut;
    private Step bestStep = Step.NONE;

    // The step being looked at: who holds the unit and the one it displaces, before and after, and what each holder
    // bears.
    private long unitBefore;
    private long unitAfter;
    private double oldShare;
    private double newShare;
    private long outBefore;
    private long outAfter;
    private double oldOutShare;
    private double newOutShare;

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
            if (hottest <= state.mean() * SETTLED) {
                return;
            }
            bestValue = hottest + price * state.moves();
            bestChange = -EPSILON * hottest * hottest;
            rank(state);
            bestStep = Step.NONE;
            search(state, price);
            if (bestStep == Step.NONE) {
                return;
            }
            apply(state, bestStep, state.hottestNode(), bestUnit, bestTo, bestOut);
        }
    }

    /** Nodes by falling load. */
    private void rank(final LayerState state) {
        if (byLoad.length != state.nodes) {
            byLoad = new int[state.nodes];
        }
        for (int n = 0; n < state.nodes; n++) {
            int at = n;
            while (at > 0 && state.load[byLoad[at - 1]] < state.load[n]) {
                byLoad[at] = byLoad[at - 1];
                at--;
            }
            byLoad[at] = n;
        }
    }

    private void search(final LayerState state, final double price) {
        final int hot = state.hottestNode();
        for (long mine = state.unitsOn[hot]; mine != 0; mine &= mine - 1) {
            final int unit = Long.numberOfTrailingZeros(mine);
            if (state.replicas(unit) > state.required) {
                attempt(state, price, Step.DROP, hot, unit, hot, unit);
            }
            for (int to = 0; to < state.nodes; to++) {
                if (!state.holds(to, unit) && state.slots[to] > 0) {
                    searchTarget(state, price, hot, unit, to);
                }
            }
        }
    }

    /** Looks only at steps after which neither end is hotter than what is known: an inequality spares most of them. */
    private void searchTarget(final LayerState state, final double price, final int hot, final int unit, final int to) {
        // At most two loads can be taken back by one step.
        final double limit = bestValue * (1 + EPSILON) - price * (state.moves() - 2);
        final double room = limit - state.load[to];
        final double added = state.cost[unit] / (state.holderSpeed[unit] + state.speed[to]);
        if (state.hasRoom(to)) {
            if (added < room) {
                attempt(state, price, Step.ADD, hot, unit, to, unit);
                attempt(state, price, Step.MOVE, hot, unit, to, unit);
            }
            return;
        }
        final double moved = state.cost[unit] / (state.holderSpeed[unit] + state.speed[to] - state.speed[hot]);
        final double share = state.share[unit];
        final boolean mayReplace = state.load[hot] - share + added <= limit;
        for (long theirs = state.unitsOn[to]; theirs != 0; theirs &= theirs - 1) {
            final int out = Long.numberOfTrailingZeros(theirs);
            final double freed = state.share[out];
            if (moved - freed < room && !state.holds(hot, out) && comesBackSmaller(state, hot, to, out, share)) {
                attempt(state, price, Step.SWAP, hot, unit, to, out);
            }
            if (mayReplace && added - freed < room && state.replicas(out) > state.required) {
                attempt(state, price, Step.REPLACE, hot, unit, to, out);
            }
        }
    }

    private static boolean comesBackSmaller(
            final LayerState state, final int hot, final int to, final int out, final double share) {
        return state.cost[out] < share * (state.holderSpeed[out] + state.speed[hot] - state.speed[to]);
    }

    /** Looks what the step would come to, without doing it; a hot node that it doesn't touch rules it out. */
    private void attempt(
            final LayerState state,
            final double price,
            final Step step,
            final int hot,
            final int unit,
            final int to,
            final int out) {
        final boolean gives = step == Step.MOVE || step == Step.SWAP || step == Step.DROP;
        final boolean takes = step != Step.DROP;
        final boolean swaps = step == Step.SWAP;
        final boolean displaces = swaps || step == Step.REPLACE;
        unitBefore = state.holders[unit];
        unitAfter = (takes ? unitBefore | 1L << to : unitBefore) & ~(gives ? 1L << hot : 0);
        outBefore = displaces ? state.holders[out] : 0;
        outAfter = displaces ? (outBefore & ~(1L << to)) | (swaps ? 1L << hot : 0) : 0;
        final double paid = price * (state.moves() + loads(state, unit, out));
        final double limit = bestValue * (1 + EPSILON) - paid;
        final double untouched = hottestOutside(state, unitBefore | unitAfter | outBefore | outAfter);
        if (untouched > limit) {
            return;
        }
        oldShare = state.share[unit];
        newShare = state.cost[unit]
                / (state.holderSpeed[unit] + (takes ? state.speed[to] : 0) - (gives ? state.speed[hot] : 0));
        if (displaces) {
            oldOutShare = state.share[out];
            newOutShare = state.cost[out] / (state.holderSpeed[out] - state.speed[to] + (swaps ? state.speed[hot] : 0));
        }
        if (loadAfter(state, hot) <= limit && loadAfter(state, to) <= limit) {
            compare(state, untouched, paid, limit, step, unit, to, out);
        }
    }

    /** Units that the step loads beyond those loaded already; negative where it takes loads back. */
    private long loads(final LayerState state, final int unit, final int out) {
        return (long) Long.bitCount(unitAfter & ~state.before[unit])
                - Long.bitCount(unitBefore & ~state.before[unit])
                + Long.bitCount(outAfter & ~state.before[out])
                - Long.bitCount(outBefore & ~state.before[out]);
    }

    private double hottestOutside(final LayerState state, final long touched) {
        for (int i = 0; i < state.nodes; i++) {
            if ((touched >>> byLoad[i] & 1) == 0) {
                return state.load[byLoad[i]];
            }
        }
        return 0;
    }

    private double loadAfter(final LayerState state, final int node) {
        double load = state.load[node];
        load += (unitAfter >>> node & 1) * newShare - (unitBefore >>> node & 1) * oldShare;
        return load + (outAfter >>> node & 1) * newOutShare - (outBefore >>> node & 1) * oldOutShare;
    }

    private void compare(
            final LayerState state,
            final double untouched,
            final double paid,
            final double limit,
            final Step step,
            final int unit,
            final int to,
            final int out) {
        double hottest = untouched;
        double change = 0;
        for (long mask = unitBefore | unitAfter | outBefore | outAfter; mask != 0; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            final double load = loadAfter(state, node);
            hottest = load > hottest ? load : hottest;
            change += load * load - state.load[node] * state.load[node];
        }
        final double value = hottest + paid;
        if (hottest <= limit && (value < bestValue * (1 - EPSILON) || change < bestChange)) {
            bestValue = Math.min(value, bestValue);
            bestChange = change;
            bestStep = step;
            bestUnit = unit;
            bestTo = to;
            bestOut = out;
        }
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
