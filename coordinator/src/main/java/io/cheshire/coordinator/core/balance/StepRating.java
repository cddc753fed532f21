package io.cheshire.coordinator.core.balance;

/**
 * Rates steps away from a layer's hottest node and keeps the best: the one with the least hottest node plus price afterwards;
 * of steps that leave the same, the one after which the squares of all loads sum to least.
 *
 * <p>No step is done to rate it. It changes its two ends, the hottest node and the other one, and by one amount each the
 * further holders of the unit that it is about and of the one that this displaces. So the change of the sum of squares follows
 * from sums over holders, taken once a search, and the hottest node from those changed and the hottest that isn't. Scratch
 * space of one solver: nothing is allocated once the sizes are known.
 */
final class StepRating {
    private static final double EPSILON = 1e-9;

    /** What a step does with a replica on the hottest node. */
    enum Step {
        NONE,
        ADD,
        MOVE,
        DROP,
        SWAP,
        REPLACE
    }

    private double price;
    private int hot;
    private double hotLoad;
    private int[] byLoad = {};
    /** By unit: sum of its holders' loads. */
    private double[] holdersLoad = {};

    private int unit;
    /** Further holders of the unit. */
    private long unitSet;
    /** Load of the hottest node that a step with the unit can't cool, unless it goes there; and the next one's. */
    private double floor;

    private double nextFloor;
    private int floorNode;

    private double bestValue;
    private double bestChange;
    /** A change of the sum of squares below this is rounding. */
    private double noise;

    private Step bestStep = Step.NONE;
    private int bestUnit;
    private int bestTo;
    private int bestOut;

    /** Begins a search around the hottest node. */
    void begin(final LayerState state, final int hot, final double price) {
        this.hot = hot;
        this.price = price;
        hotLoad = state.load[hot];
        bestValue = hotLoad + price * state.moves();
        bestChange = 0;
        noise = EPSILON * hotLoad * hotLoad;
        bestStep = Step.NONE;
        rank(state);
        sumHolders(state);
    }

    /** Nodes by falling load, then by number: an insertion sort, short where the last search left almost the same order. */
    private void rank(final LayerState state) {
        if (byLoad.length != state.nodes) {
            byLoad = new int[state.nodes];
            for (int n = 0; n < state.nodes; n++) {
                byLoad[n] = n;
            }
        }
        for (int i = 1; i < state.nodes; i++) {
            final int node = byLoad[i];
            final double load = state.load[node];
            int at = i;
            while (at > 0 && comesBefore(state, node, load, byLoad[at - 1])) {
                byLoad[at] = byLoad[at - 1];
                at--;
            }
            byLoad[at] = node;
        }
    }

    private static boolean comesBefore(final LayerState state, final int node, final double load, final int other) {
        return load > state.load[other] || (load == state.load[other] && node < other);
    }

    private void sumHolders(final LayerState state) {
        if (holdersLoad.length != state.units) {
            holdersLoad = new double[state.units];
        }
        for (int u = 0; u < state.units; u++) {
            double sum = 0;
            for (long mask = state.holders[u]; mask != 0; mask &= mask - 1) {
                sum += state.load[Long.numberOfTrailingZeros(mask)];
            }
            holdersLoad[u] = sum;
        }
    }

    /** Begins with steps of a unit on the hottest node. */
    void beginUnit(final LayerState state, final int unit) {
        this.unit = unit;
        unitSet = state.holders[unit] & ~(1L << hot);
        floorNode = -1;
        floor = 0;
        nextFloor = 0;
        for (int i = 0; i < state.nodes; i++) {
            final int node = byLoad[i];
            if (!state.holds(node, unit)) {
                if (floorNode >= 0) {
                    nextFloor = state.load[node];
                    return;
                }
                floorNode = node;
                floor = state.load[node];
            }
        }
    }

    /** The node with the {@code i}-th load, from the hottest, 0, on. */
    int byLoad(final int i) {
        return byLoad[i];
    }

    /** What the hottest node may take after a step that takes back as many loads as one can: two. */
    double limit(final LayerState state) {
        return (bestValue - price * (state.moves() - 2)) * (1 + EPSILON);
    }

    /**
     * Whether a step is out of the question by what it makes of its ends and of the squares.
     *
     * @param others load of some node that the step doesn't cool
     * @param change the step's change of the sum of squares
     */
    boolean isBeaten(
            final LayerState state,
            final double hotAfter,
            final double toAfter,
            final double others,
            final double change) {
        final double improved = bestValue * (1 - EPSILON) - price * (state.moves() - 2);
        return change >= bestChange - noise && (hotAfter >= improved || toAfter >= improved || others >= improved);
    }

    /** Load of the hottest node beside the ends. */
    double second(final LayerState state, final int to) {
        for (int i = 0; i < state.nodes; i++) {
            if (byLoad[i] != hot && byLoad[i] != to) {
                return state.load[byLoad[i]];
            }
        }
        return 0;
    }

    /**
     * Keeps the step if it is the best so far.
     *
     * @param to         the other end; the hottest node itself where there is none
     * @param hotAfter   what the hottest node bears afterwards
     * @param toAfter    what the other end bears afterwards
     * @param unitChange what further holders of the unit bear more
     * @param out        the unit displaced, any where none is
     * @param outChange  what its further holders bear more; 0 where none is displaced
     * @param loads      units to load beyond those so far; negative where loads are taken back
     */
    void rate(
            final LayerState state,
            final Step step,
            final int to,
            final double hotAfter,
            final double toAfter,
            final double unitChange,
            final int out,
            final double outChange,
            final int loads) {
        final long outSet = outChange == 0 ? 0 : state.holders[out] & ~(1L << to | 1L << hot);
        final double paid = price * (state.moves() + loads);
        final double limit = bestValue * (1 + EPSILON) - paid;
        final double known = Math.max(Math.max(hotAfter, toAfter), untouched(state, to, unitChange, outSet, outChange));
        if (known > limit) {
            return;
        }
        final double change = change(state, to, hotAfter, toAfter, unitChange, out, outChange);
        final double improved = bestValue * (1 - EPSILON) - paid;
        if (known >= improved && change >= bestChange - noise) {
            return;
        }
        final double hottest = hottestAfter(state, known, limit, unitChange, outSet, outChange);
        if (hottest <= limit && (hottest < improved || change < bestChange - noise)) {
            bestValue = Math.min(hottest + paid, bestValue);
            bestChange = change;
            bestStep = step;
            bestUnit = unit;
            bestTo = to;
            bestOut = out;
        }
    }

    /** Load of the hottest node that is no end and doesn't get cooler. */
    private double untouched(
            final LayerState state, final int to, final double unitChange, final long outSet, final double outChange) {
        if (unitChange == 0 && outChange == 0) {
            return second(state, to);
        }
        if (outChange >= 0) {
            return to == floorNode ? nextFloor : floor;
        }
        // A unit that comes back to a faster node relieves its further holders too.
        final long touched = unitSet | outSet | 1L << hot | 1L << to;
        for (int i = 0; i < state.nodes; i++) {
            if ((touched >>> byLoad[i] & 1) == 0) {
                return state.load[byLoad[i]];
            }
        }
        return 0;
    }

    /** The hottest node's load after the step, {@code known} without further holders; or one found above the limit. */
    private double hottestAfter(
            final LayerState state,
            final double known,
            final double limit,
            final double unitChange,
            final long outSet,
            final double outChange) {
        double hottest = known;
        for (long mask = outSet; mask != 0 && hottest <= limit; mask &= mask - 1) {
            final int node = Long.numberOfTrailingZeros(mask);
            final double more = outChange + ((unitSet >>> node & 1) == 0 ? 0 : unitChange);
            hottest = Math.max(hottest, state.load[node] + more);
        }
        for (long mask = unitChange == 0 ? 0 : unitSet & ~outSet; mask != 0 && hottest <= limit; mask &= mask - 1) {
            hottest = Math.max(hottest, state.load[Long.numberOfTrailingZeros(mask)] + unitChange);
        }
        return hottest;
    }

    /** What the step adds to the sum of squared loads: the ends by themselves, the rest by sums over holders. */
    private double change(
            final LayerState state,
            final int to,
            final double hotAfter,
            final double toAfter,
            final double unitChange,
            final int out,
            final double outChange) {
        final double toLoad = state.load[to];
        double change = hotAfter * hotAfter - hotLoad * hotLoad;
        if (to != hot) {
            change += toAfter * toAfter - toLoad * toLoad;
        }
        if (unitChange != 0) {
            change += unitChange * (2 * (holdersLoad[unit] - hotLoad) + Long.bitCount(unitSet) * unitChange);
        }
        if (outChange != 0) {
            final long outSet = state.holders[out] & ~(1L << to | 1L << hot);
            final double others = holdersLoad[out] - toLoad - (state.holds(hot, out) ? hotLoad : 0);
            change += outChange * (2 * others + Long.bitCount(outSet) * outChange);
            change += 2 * unitChange * outChange * Long.bitCount(unitSet & outSet);
        }
        return change;
    }

    /** Does the best step. Returns whether there was one. */
    boolean apply(final LayerState state) {
        switch (bestStep) {
            case NONE -> {
                return false;
            }
            case ADD -> state.add(bestTo, bestUnit);
            case MOVE -> {
                state.add(bestTo, bestUnit);
                state.remove(hot, bestUnit);
            }
            case DROP -> state.remove(hot, bestUnit);
            case SWAP -> {
                state.add(bestTo, bestUnit);
                state.remove(hot, bestUnit);
                state.add(hot, bestOut);
                state.remove(bestTo, bestOut);
            }
            case REPLACE -> {
                state.remove(bestTo, bestOut);
                state.add(bestTo, bestUnit);
            }
        }
        return true;
    }
}
