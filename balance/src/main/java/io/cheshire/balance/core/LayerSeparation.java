package io.cheshire.balance.core;

/**
 * Moves copies of one layer's units into different failure domains where they ought to be in several and are not: first
 * by single moves that hurt the load least, then, where those lead nowhere, by dealing all units anew.
 */
final class LayerSeparation {
    private final int[] left = new int[Long.SIZE];

    /** Separates what single moves can, as far as slots allow. Nothing else changes. */
    void separate(final LayerState state) {
        for (int unit = 0; unit < state.units; unit++) {
            boolean moved = true;
            while (moved && state.isShared(unit)) {
                moved = toFreeSlot(state, unit) || inPlaceOfASpare(state, unit) || byMovingAnother(state, unit);
            }
        }
    }

    /** Units whose copies share a failure domain although they ought not to. */
    int shared(final LayerState state) {
        int shared = 0;
        for (int unit = 0; unit < state.units; unit++) {
            shared += state.isShared(unit) ? 1 : 0;
        }
        return shared;
    }

    private boolean toFreeSlot(final LayerState state, final int unit) {
        int best = -1;
        for (int n = 0; n < state.nodes; n++) {
            if (state.hasRoom(n) && isElsewhere(state, unit, n) && (best < 0 || isBetter(state, unit, n, best))) {
                best = n;
            }
        }
        if (best >= 0) {
            move(state, unit, best);
        }
        return best >= 0;
    }

    /** Whether the node's failure domain has no copy of the unit. */
    private static boolean isElsewhere(final LayerState state, final int unit, final int node) {
        return (state.holders[unit] & state.domains.mates(node)) == 0;
    }

    /** One that held the unit before costs nothing to load; else the one with less load. */
    private static boolean isBetter(final LayerState state, final int unit, final int node, final int other) {
        final long had = state.before[unit] >>> node & 1;
        final long otherHad = state.before[unit] >>> other & 1;
        return had != otherHad ? had > otherHad : state.load[node] < state.load[other];
    }

    /** One copy of those that share a domain goes: one to be loaded first, else the one on the most loaded node. */
    private static void move(final LayerState state, final int unit, final int to) {
        final int from = surplus(state, unit);
        state.add(to, unit);
        state.remove(from, unit);
    }

    private static int surplus(final LayerState state, final int unit) {
        int from = -1;
        for (long mask = state.holders[unit]; mask != 0; mask &= mask - 1) {
            final int n = Long.numberOfTrailingZeros(mask);
            if (Long.bitCount(state.holders[unit] & state.domains.mates(n)) > 1
                    && (from < 0 || isBetter(state, unit, from, n))) {
                from = n;
            }
        }
        return from;
    }

    /** A full node drops a copy that its unit can spare. */
    private static boolean inPlaceOfASpare(final LayerState state, final int unit) {
        for (int n = 0; n < state.nodes; n++) {
            for (long on = isElsewhere(state, unit, n) ? state.unitsOn[n] : 0; on != 0; on &= on - 1) {
                final int other = Long.numberOfTrailingZeros(on);
                if (state.replicas(other) > state.required && state.mayLose(other, n)) {
                    state.remove(n, other);
                    move(state, unit, n);
                    return true;
                }
            }
        }
        return false;
    }

    /** A full node's copy of another unit goes to where there is room, or takes the place of the one that comes. */
    private static boolean byMovingAnother(final LayerState state, final int unit) {
        final int from = surplus(state, unit);
        for (int n = 0; n < state.nodes; n++) {
            for (long on = isElsewhere(state, unit, n) ? state.unitsOn[n] : 0; on != 0; on &= on - 1) {
                final int other = Long.numberOfTrailingZeros(on);
                for (int refuge = 0; refuge < state.nodes; refuge++) {
                    if ((state.hasRoom(refuge) || refuge == from)
                            && !state.holds(refuge, other)
                            && state.mayMove(other, n, refuge)) {
                        state.add(refuge, other);
                        state.remove(n, other);
                        state.add(n, unit);
                        state.remove(from, unit);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /**
     * Places as many copies of every unit from nothing as are to be in different failure domains, if that is possible
     * at all: in the domains with most slots left, so that none is left over for units that have a copy there; in it on
     * the least loaded node.
     *
     * @return whether it was; the state is half filled where not
     */
    boolean deal(final LayerState state) {
        state.clear();
        count(state);
        for (int unit = 0; unit < state.units; unit++) {
            long taken = 0;
            for (int copy = 0; copy < Math.min(state.required, state.wantedDomains); copy++) {
                final int domain = roomiest(state, taken);
                if (domain < 0) {
                    return false;
                }
                taken |= state.domains.mates(domain);
                left[domain]--;
                state.add(leastLoaded(state, state.domains.mates(domain)), unit);
            }
        }
        return true;
    }

    /** Slots left in each domain, under the number of its first node. */
    private void count(final LayerState state) {
        for (int n = 0; n < state.nodes; n++) {
            left[n] = 0;
        }
        for (int n = 0; n < state.nodes; n++) {
            left[Long.numberOfTrailingZeros(state.domains.mates(n))] += state.slots[n];
        }
    }

    private int roomiest(final LayerState state, final long taken) {
        int best = -1;
        for (int n = 0; n < state.nodes; n++) {
            if ((taken >>> n & 1) == 0 && left[n] > 0 && (best < 0 || left[n] > left[best])) {
                best = n;
            }
        }
        return best;
    }

    private static int leastLoaded(final LayerState state, final long among) {
        int best = -1;
        for (long mask = among; mask != 0; mask &= mask - 1) {
            final int n = Long.numberOfTrailingZeros(mask);
            if (state.hasRoom(n) && (best < 0 || state.load[n] < state.load[best])) {
                best = n;
            }
        }
        return best;
    }
}
