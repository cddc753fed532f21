package io.cheshire.balance.core;

import io.cheshire.balance.core.StepRating.Step;

/**
 * Finds and does the step that relieves a layer's hottest node most after its price: a replica more, one less, one
 * elsewhere, a swap, or a replica that takes another's place. Nodes are looked at from the coldest on, which gives the
 * best steps first, so that an inequality rules out most of the others before {@link StepRating} sees them. Scratch
 * space of one solver.
 */
final class StepSearch {
    private final StepRating rating = new StepRating();
    private int hot;
    private int unit;
    private double share;
    /** What the unit adds to one more node of the hottest one's speed. */
    private double addedAlike;
    /** By unit: what each other holder bears more when one of the slowest nodes drops it. */
    private double[] withoutSlowest = {};
    /** Units that have one replica more than required, and of which one can go without making the rest too hot. */
    private long replaceable;

    /**
     * Does the best step, if one pays.
     *
     * @param price what the hottest node must gain for one unit loaded
     * @return whether one did
     */
    boolean step(final LayerState state, final double price) {
        hot = state.hottestNode();
        rating.begin(state, hot, price);
        findReplaceable(state);
        for (long mine = state.unitsOn[hot]; mine != 0; mine &= mine - 1) {
            unit = Long.numberOfTrailingZeros(mine);
            share = state.share[unit];
            addedAlike = state.cost[unit] / (state.holderSpeed[unit] + state.speed[hot]);
            rating.beginUnit(unit);
            if (state.replicas(unit) > state.required && state.mayLose(unit, hot)) {
                drop(state);
            }
            for (int i = state.nodes - 1; i >= 0; i--) {
                final int to = rating.byLoad(i);
                if (!state.holds(to, unit) && state.slots[to] > 0) {
                    lookAt(state, to);
                }
            }
        }
        return rating.apply();
    }

    private void findReplaceable(final LayerState state) {
        if (withoutSlowest.length != state.units) {
            withoutSlowest = new double[state.units];
        }
        double relief = 0;
        for (long mine = state.unitsOn[hot]; mine != 0; mine &= mine - 1) {
            final int u = Long.numberOfTrailingZeros(mine);
            relief = Math.max(relief, state.share[u] - state.cost[u] / (state.holderSpeed[u] + state.fastest));
        }
        final double bearable = rating.limit() + relief;
        replaceable = 0;
        for (int u = 0; u < state.units; u++) {
            if (state.replicas(u) > state.required) {
                final double more = state.cost[u] / (state.holderSpeed[u] - state.slowest) - state.share[u];
                int tooHot = 0;
                for (long mask = state.holders[u]; mask != 0; mask &= mask - 1) {
                    tooHot += state.load[Long.numberOfTrailingZeros(mask)] + more > bearable ? 1 : 0;
                }
                withoutSlowest[u] = more;
                // One holder may be too hot: the one that drops its replica.
                replaceable |= tooHot <= 1 ? 1L << u : 0;
            }
        }
    }

    private void drop(final LayerState state) {
        final double after = state.load[hot] - share;
        final double more = state.cost[unit] / (state.holderSpeed[unit] - state.speed[hot]) - share;
        rating.beginEnd(hot);
        rating.rate(Step.DROP, after, after, more, had(state, unit, hot) - 1);
    }

    private void lookAt(final LayerState state, final int to) {
        rating.beginEnd(to);
        final double limit = rating.limit();
        final double room = limit - state.load[to];
        final boolean alike = state.speed[to] == state.speed[hot];
        final double together = state.holderSpeed[unit] + state.speed[to];
        final double added = alike ? addedAlike : state.cost[unit] / together;
        final double moved = alike ? share : state.cost[unit] / (together - state.speed[hot]);
        if (!state.hasRoom(to)) {
            if (alike) {
                swapsAlike(state, to);
            } else {
                swaps(state, to, moved, room);
            }
            if (state.load[hot] - share + added <= limit) {
                replacements(state, to, added, room);
            }
        } else if (added < room) {
            addAndMove(state, to, added, moved);
        }
    }

    private void addAndMove(final LayerState state, final int to, final double added, final double moved) {
        final double hotLoad = state.load[hot];
        final double toLoad = state.load[to];
        final int loads = 1 - had(state, unit, to);
        final double more = added - share;
        if (state.mayGain(unit, to)) {
            rating.rate(Step.ADD, hotLoad + more, toLoad + added, more, loads);
        }
        if (state.mayMove(unit, hot, to)) {
            final int fewer = loads + had(state, unit, hot) - 1;
            rating.rate(Step.MOVE, hotLoad - share, toLoad + moved, moved - share, fewer);
        }
    }

    /** Swaps between nodes of one speed: only they change, each by the difference of the two shares. */
    private void swapsAlike(final LayerState state, final int to) {
        final double hotLoad = state.load[hot];
        final double toLoad = state.load[to];
        final double apart = hotLoad - toLoad;
        final double middle = toLoad + apart / 2;
        // No swap is better than one that leaves both at the middle.
        if (rating.isBeaten(middle, middle, -apart * apart / 2)) {
            return;
        }
        for (long theirs = state.unitsOn[to] & ~state.unitsOn[hot]; theirs != 0; theirs &= theirs - 1) {
            final int out = Long.numberOfTrailingZeros(theirs);
            final double shift = share - state.share[out];
            if (!rating.isBeaten(hotLoad - shift, toLoad + shift, 2 * shift * (shift - apart))
                    && maySwap(state, to, out)) {
                rating.displace(out, 0);
                rating.rate(Step.SWAP, hotLoad - shift, toLoad + shift, 0, swapLoads(state, to, out));
            }
        }
    }

    private void swaps(final LayerState state, final int to, final double moved, final double room) {
        for (long theirs = state.unitsOn[to] & ~state.unitsOn[hot]; theirs != 0; theirs &= theirs - 1) {
            final int out = Long.numberOfTrailingZeros(theirs);
            final double freed = state.share[out];
            if (moved - freed < room && maySwap(state, to, out)) {
                final double back = state.cost[out] / (state.holderSpeed[out] + state.speed[hot] - state.speed[to]);
                final double hotAfter = state.load[hot] - share + back;
                final double toAfter = state.load[to] + moved - freed;
                rating.displace(out, back - freed);
                rating.rate(Step.SWAP, hotAfter, toAfter, moved - share, swapLoads(state, to, out));
            }
        }
    }

    private void replacements(final LayerState state, final int to, final double added, final double room) {
        final double unitChange = added - share;
        for (long theirs = state.unitsOn[to] & replaceable; theirs != 0; theirs &= theirs - 1) {
            final int out = Long.numberOfTrailingZeros(theirs);
            final double freed = state.share[out];
            if (added - freed < room && state.mayGain(unit, to) && state.mayLose(out, to)) {
                final double outChange = state.speed[to] == state.slowest
                        ? withoutSlowest[out]
                        : state.cost[out] / (state.holderSpeed[out] - state.speed[to]) - freed;
                final double hotAfter = state.load[hot] + unitChange + (state.holds(hot, out) ? outChange : 0);
                final double toAfter = state.load[to] + added - freed;
                final int loads = had(state, out, to) - had(state, unit, to);
                rating.displace(out, outChange);
                rating.rate(Step.REPLACE, hotAfter, toAfter, unitChange, loads);
            }
        }
    }

    private boolean maySwap(final LayerState state, final int to, final int out) {
        return state.mayMove(unit, hot, to) && state.mayMove(out, to, hot);
    }

    private int swapLoads(final LayerState state, final int to, final int out) {
        return had(state, unit, hot) - had(state, unit, to) + had(state, out, to) - had(state, out, hot);
    }

    /** 1 where the node held the unit before all steps, so that loading it costs nothing; else 0. */
    private static int had(final LayerState state, final int unit, final int node) {
        return (int) (state.before[unit] >>> node & 1);
    }
}
