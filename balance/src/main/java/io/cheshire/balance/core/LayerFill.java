package io.cheshire.balance.core;

/**
 * Places one layer's units so that no node exceeds a given time, or says that it can't. Units go in order of falling
 * cost; each gets the fewest replicas with which it fits, on the nodes it fills best. Few replicas first leaves slots
 * for units that need to be cut finely to fill the gaps: this is what greedy replication (EPLB) cannot find.
 *
 * <p>A trial works on the nodes in order of falling load, and only one that ends well is written to a
 * {@link LayerState}.
 */
final class LayerFill {
    /**
     * Times tried, over the mean: from the bottom up and not by bisection, since a placement may be found for a lower
     * time and missed for a higher one (there the first unit is cut too coarsely for the rest).
     */
    private static final double[] TRIALS = {0.002, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1};

    private final int[] order;
    private final long[] chosen;
    private double work;

    // Nodes with room, fullest first: number, time taken, speed and free slots.
    private final int[] node;
    private final double[] load;
    private final double[] speed;
    private final int[] free;
    private int open;

    LayerFill(final int units, final int nodes) {
        this.order = new int[units];
        this.chosen = new long[units];
        this.node = new int[nodes];
        this.load = new double[nodes];
        this.speed = new double[nodes];
        this.free = new int[nodes];
    }

    /** Sorts the units; to be called once a layer, before the rest. */
    void prepare(final LayerState state) {
        work = 0;
        for (int i = 0; i < state.units; i++) {
            work += state.cost[i];
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
     * @param best takes the placement found; unchanged where none was
     * @return whether one below {@code known} was found
     */
    boolean lowest(final LayerState best, final double known) {
        final double mean = best.mean();
        for (final double above : TRIALS) {
            final double limit = mean * (1 + above);
            if (limit >= known) {
                return false;
            }
            if (fill(best, limit, false)) {
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
     * @return whether every unit found its place; the state is unchanged where not
     */
    boolean fill(final LayerState state, final double limit, final boolean keepInside) {
        int slots = begin(state);
        double left = work;
        for (int i = 0; i < state.units; i++) {
            final int unit = order[i];
            if (hopeless(limit, left, state.cost[unit])) {
                return false;
            }
            final int reserved = (state.units - 1 - i) * state.required;
            if (!place(state, unit, limit * (1 + 1e-12), slots - reserved, keepInside)) {
                return false;
            }
            slots -= Long.bitCount(chosen[unit]);
            left -= state.cost[unit];
        }
        state.clear();
        for (int u = 0; u < state.units; u++) {
            state.place(chosen[u], u);
        }
        return true;
    }

    /** Empties all nodes and returns the sum of their slots. */
    private int begin(final LayerState state) {
        int slots = 0;
        open = 0;
        for (int n = 0; n < state.nodes; n++) {
            if (state.slots[n] > 0) {
                slots += state.slots[n];
                node[open] = n;
                load[open] = 0;
                speed[open] = state.speed[n];
                free[open] = state.slots[n];
                open++;
            }
        }
        return slots;
    }

    /**
     * Whether what is left can't fit, wherever it goes: a node takes no more than what it has time for, and no more
     * than its free slots times the largest unit left. A trial for a low time ends here as soon as a gap too many is
     * left behind.
     */
    private boolean hopeless(final double limit, final double left, final double largest) {
        double fits = 0;
        for (int i = 0; i < open; i++) {
            final double byTime = (limit - load[i]) * speed[i];
            final double bySlots = free[i] * largest;
            fits += byTime < bySlots ? byTime : bySlots;
        }
        return fits < left * (1 - 1e-9);
    }

    private boolean place(
            final LayerState state, final int unit, final double limit, final int most, final boolean keepInside) {
        final double cost = state.cost[unit];
        final int lastCount = Math.min(most, open);
        final int firstCount = Math.max(state.required, (int) (cost / (limit * state.fastest)));
        for (int count = firstCount; count <= lastCount; count++) {
            if (keepInside && keep(state.before[unit], unit, cost, limit, count)) {
                return true;
            }
            if (window(unit, cost, limit, count, state.fastest)) {
                return true;
            }
        }
        return false;
    }

    /** The first {@code count} holders from before that have room, least loaded first, if the unit fits there. */
    private boolean keep(final long before, final int unit, final double cost, final double limit, final int count) {
        double rate = 0;
        int first = open;
        long kept = 0;
        int found = 0;
        while (first > 0 && found < count) {
            first--;
            if ((before >>> node[first] & 1) != 0) {
                kept |= 1L << node[first];
                rate += speed[first];
                found++;
            }
        }
        if (found < count || load[first] + cost / rate > limit) {
            return false;
        }
        put(unit, kept, cost / rate, first);
        return true;
    }

    /**
     * The run of {@code count} nodes, fullest first, on which the unit just fits, if there is one.
     *
     * @param fastest highest speed of a node
     */
    private boolean window(
            final int unit, final double cost, final double limit, final int count, final double fastest) {
        // The first of a run is its fullest, and with the fastest nodes the unit takes so long there.
        final double fullest = limit - cost / (count * fastest);
        final int end = open - count;
        if (load[end] > fullest) {
            return false;
        }
        int at = 0;
        while (load[at] > fullest) {
            at++;
        }
        for (; at <= end; at++) {
            double rate = 0;
            long run = 0;
            for (int i = at; i < at + count; i++) {
                rate += speed[i];
                run |= 1L << node[i];
            }
            if (load[at] + cost / rate <= limit) {
                put(unit, run, cost / rate, at);
                return true;
            }
        }
        return false;
    }

    /**
     * Gives a unit its nodes: they rise to their new places in the order, or leave it when they are full.
     *
     * @param first place of the first of them in the order
     */
    private void put(final int unit, final long nodes, final double share, final int first) {
        chosen[unit] = nodes;
        long left = nodes;
        int count = first;
        for (int i = first; i < open; i++) {
            final int number = node[i];
            final double rate = speed[i];
            double time = load[i];
            int room = free[i];
            int at = count;
            if ((left >>> number & 1) != 0) {
                left &= ~(1L << number);
                if (--room == 0) {
                    continue;
                }
                time += share;
                while (at > 0 && (load[at - 1] < time || (load[at - 1] == time && node[at - 1] > number))) {
                    node[at] = node[at - 1];
                    load[at] = load[at - 1];
                    speed[at] = speed[at - 1];
                    free[at] = free[at - 1];
                    at--;
                }
            } else if (left == 0 && count == i) {
                return;
            }
            node[at] = number;
            load[at] = time;
            speed[at] = rate;
            free[at] = room;
            count++;
        }
        open = count;
    }
}
