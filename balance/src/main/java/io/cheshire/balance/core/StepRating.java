package io.cheshire.balance.core;

/**
 * Rates steps away from a layer's hottest node and keeps the best: the one with the least hottest node plus price
 * afterwards; of steps that leave the same, the one after which the squares of all loads sum to least.
 *
 * <p>No step is done to rate it. It changes its two ends, the hottest node and the other one, and by one amount each
 * the further holders of the unit that it is about and of the one that this displaces. So the change of the sum of
 * squares follows from sums over holders, taken once a search, and the hottest node from those changed and the hottest
 * that isn't.
 *
 * <p>What many steps have in common is said once before them: {@link #begin} the search, {@link #beginUnit} the unit,
 * {@link #beginEnd} the other end, {@link #displace} the unit that has to go there. Scratch space of one solver:
 * nothing is allocated once the sizes are known.
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

    private LayerState state = new LayerState(0, 0);
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

    private int to;
    /** The hottest node and {@code to}. */
    private long ends;
    /** Load of the hottest node beside the ends. */
    private double second;

    private int out;
    /** Further holders of the unit displaced, as far as they bear more or less; and how much. */
    private long outSet;

    private double outChange;

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
        this.state = state;
        this.hot = hot;
        this.price = price;
        hotLoad = state.load[hot];
        bestValue = hotLoad + price * state.moves();
        bestChange = 0;
        noise = EPSILON * hotLoad * hotLoad;
        bestStep = Step.NONE;
        rank();
        sumHolders();
    }

    /**
     * Nodes by falling load, then by number: an insertion sort, short where the last search left almost the same order.
     */
    private void rank() {
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
            while (at > 0 && comesBefore(node, load, byLoad[at - 1])) {
                byLoad[at] = byLoad[at - 1];
                at--;
            }
            byLoad[at] = node;
        }
    }

    private boolean comesBefore(final int node, final double load, final int other) {
        return load > state.load[other] || (load == state.load[other] && node < other);
    }

    private void sumHolders() {
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
    void beginUnit(final int unit) {
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
    double limit() {
        return (bestValue - price * (state.moves() - 2)) * (1 + EPSILON);
    }

    /** Goes on with steps to this node, the hottest itself where there is no other end; they displace nothing yet. */
    void beginEnd(final int to) {
        this.to = to;
        ends = 1L << to | 1L << hot;
        second = 0;
        for (int i = 0; i < state.nodes; i++) {
            if ((ends >>> byLoad[i] & 1) == 0) {
                second = state.load[byLoad[i]];
                break;
            }
        }
        outSet = 0;
        outChange = 0;
    }

    /**
     * Goes on with steps that displace this unit.
     *
     * @param change what its further holders bear more
     */
    void displace(final int out, final double change) {
        this.out = out;
        outChange = change;
        outSet = change == 0 ? 0 : state.holders[out] & ~ends;
    }

    /**
     * Whether a step that changes only its ends is out of the question, by what it makes of them and of the squares.
     *
     * @param change the step's change of the sum of squares
     */
    boolean isBeaten(final double hotAfter, final double toAfter, final double change) {
        final double improved = bestValue * (1 - EPSILON) - price * (state.moves() - 2);
        return change >= bestChange - noise && (hotAfter >= improved || toAfter >= improved || second >= improved);
    }

    /**
     * Keeps a step with this unit, end and displaced unit if it is the best so far.
     *
     * @param hotAfter   what the hottest node bears afterwards
     * @param toAfter    what the other end bears afterwards
     * @param unitChange what further holders of the unit bear more
     * @param loads      units to load beyond those so far; negative where loads are taken back
     */
    void rate(final Step step, final double hotAfter, final double toAfter, final double unitChange, final int loads) {
        final double paid = price * (state.moves() + loads);
        final double limit = bestValue * (1 + EPSILON) - paid;
        final double known = Math.max(Math.max(hotAfter, toAfter), untouched(unitChange));
        if (known > limit) {
            return;
        }
        final double change = change(hotAfter, toAfter, unitChange);
        final double improved = bestValue * (1 - EPSILON) - paid;
        if (known >= improved && change >= bestChange - noise) {
            return;
        }
        final double hottest = hottestAfter(known, limit, unitChange);
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
    private double untouched(final double unitChange) {
        if (unitChange == 0 && outChange == 0) {
            return second;
        }
        if (outChange >= 0) {
            return to == floorNode ? nextFloor : floor;
        }
        // A unit that comes back to a faster node relieves its further holders too.
        final long touched = unitSet | outSet | ends;
        for (int i = 0; i < state.nodes; i++) {
            if ((touched >>> byLoad[i] & 1) == 0) {
                return state.load[byLoad[i]];
            }
        }
        return 0;
    }

    /** The hottest node's load after the step, {@code known} without further holders; or one found above the limit. */
    private double hottestAfter(final double known, final double limit, final double unitChange) {
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
    private double change(final double hotAfter, final double toAfter, final double unitChange) {
        final double toLoad = state.load[to];
        double change = hotAfter * hotAfter - hotLoad * hotLoad;
        if (to != hot) {
            change += toAfter * toAfter - toLoad * toLoad;
        }
        if (unitChange != 0) {
            change += unitChange * (2 * (holdersLoad[unit] - hotLoad) + Long.bitCount(unitSet) * unitChange);
        }
        if (outChange != 0) {
            final double others = holdersLoad[out] - toLoad - (state.holds(hot, out) ? hotLoad : 0);
            change += outChange * (2 * others + Long.bitCount(outSet) * outChange);
            change += 2 * unitChange * outChange * Long.bitCount(unitSet & outSet);
        }
        return change;
    }

    /** Does the best step. Returns whether there was one. */
    boolean apply() {
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
