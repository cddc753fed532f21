package io.cheshire.balance.core;

import java.util.List;

/**
 * Our balancer: over all layers the least hottest-node time plus the price of the units to load, subject to memory and
 * to replicas on distinct nodes. A layer's nodes work side by side and wait for the slowest, so layers are placed one
 * by one and their times add up.
 *
 * <p>For each layer it compares (1) the better of two placements made from nothing, relabelled to what is held now,
 * with (2) steps from what is held now, where those may get there, and (3) one made from nothing around what is held
 * now; then takes back loads that gain nothing. Where moves have a price, those whose loads alone cost too much aren't
 * improved any further.
 *
 * <p>Where several nodes are in one failure domain the copies of a unit are kept in as many domains as copies are
 * wanted, as far as slots allow; what the load gains comes after that.
 */
public final class CheshireBalancer implements Balancer {
    /**
     * A fill within a time that is longer by this than a known placement's didn't come out below it in any problem
     * tried.
     */
    private static final double NEARLY = 1.03;

    private LayerState work = new LayerState(0, 0);
    private LayerState steps = new LayerState(0, 0);
    private LayerState fresh = new LayerState(0, 0);
    private LayerState around = new LayerState(0, 0);
    private LayerFill fill = new LayerFill(0, 0);
    private LayerSpread spread = new LayerSpread(0, 0);
    private LayerRelabel relabel = new LayerRelabel(0);
    private final LayerDescent descent = new LayerDescent();
    private final LayerSeparation separation = new LayerSeparation();

    @Override
    public Assignment balance(final BalanceProblem problem) {
        prepareScratch(problem.experts(), problem.nodes().size());
        final int[][] slots = LayerSlots.divide(problem);
        final int replicas = LayerSlots.replicas(problem, slots);
        final long[] masks = new long[problem.layers() * problem.experts()];
        for (int layer = 0; layer < problem.layers(); layer++) {
            load(problem, layer, slots[layer], replicas);
            final double price = problem.pricePerUnit();
            final LayerState best = steps.wantedDomains == 0 ? solve(price) : solveApart(price);
            System.arraycopy(best.holders, 0, masks, layer * problem.experts(), problem.experts());
        }
        return new Assignment(problem.layers(), problem.experts(), masks);
    }

    private void prepareScratch(final int experts, final int nodes) {
        if (work.units != experts || work.nodes != nodes) {
            work = new LayerState(experts, nodes);
            steps = new LayerState(experts, nodes);
            fresh = new LayerState(experts, nodes);
            around = new LayerState(experts, nodes);
            fill = new LayerFill(experts, nodes);
            spread = new LayerSpread(experts, nodes);
            relabel = new LayerRelabel(nodes);
        }
    }

    private void load(final BalanceProblem problem, final int layer, final int[] slots, final int replicas) {
        final List<NodeCapacity> nodes = problem.nodes();
        steps.slowest = Double.POSITIVE_INFINITY;
        steps.fastest = 0;
        for (int n = 0; n < nodes.size(); n++) {
            final double speed = nodes.get(n).speed();
            steps.speed[n] = speed;
            steps.slowest = Math.min(steps.slowest, speed);
            steps.fastest = Math.max(steps.fastest, speed);
            steps.slots[n] = slots[n];
        }
        for (int u = 0; u < problem.experts(); u++) {
            steps.cost[u] = problem.cost(layer, u);
            steps.before[u] = problem.current().holders(layer, u);
        }
        steps.required = replicas;
        steps.domains = problem.domains();
        steps.wantedDomains = problem.domains().wanted(problem.minReplicas());
        work.copyProblem(steps);
        fresh.copyProblem(steps);
        around.copyProblem(steps);
    }

    private LayerState solve(final double price) {
        start();
        if (steps.hottest() <= settled()) {
            return pruned(steps);
        }
        fill.prepare(steps);
        if (!anew(value(steps, price))) {
            descent.descend(steps, price);
            return pruned(steps);
        }
        return price == 0 ? freely() : paying(price);
    }

    /**
     * The same where nodes fail together: every candidate is moved apart before it is improved, and of two the one with
     * fewer units whose copies share a failure domain is the better one. None is ruled out early, since what that costs
     * isn't known before.
     */
    private LayerState solveApart(final double price) {
        start();
        fill.prepare(steps);
        final boolean anew = anew(Double.POSITIVE_INFINITY);
        LayerState best = improvedApart(steps, price);
        if (anew) {
            relabel.toMatch(fresh);
            best = furtherApart(best, improvedApart(fresh, price), price);
        }
        if (fill.fill(around, best.hottest(), true)) {
            best = furtherApart(best, improvedApart(around, price), price);
        }
        if (separation.shared(best) > 0 && separation.deal(work)) {
            descent.complete(work);
            best = furtherApart(best, improvedApart(work, price), price);
        }
        return best;
    }

    private LayerState improvedApart(final LayerState state, final double price) {
        separation.separate(state);
        descent.descend(state, price);
        return pruned(state);
    }

    private LayerState furtherApart(final LayerState first, final LayerState second, final double price) {
        final int apart = separation.shared(first) - separation.shared(second);
        if (apart != 0) {
            return apart > 0 ? second : first;
        }
        return cheaper(first, second, price);
    }

    /** The best placement where moves are free: what is made anew, unless steps from what is held may get as far. */
    private LayerState freely() {
        final double undescended = fresh.hottest();
        descent.descend(fresh, 0);
        relabel.toMatch(fresh);
        final double lowest = fresh.hottest();
        final LayerState anew = pruned(fresh);
        if (descent.reach(steps, 0) > Math.max(settled(), anew.hottest())) {
            return orAround(anew, lowest, 0);
        }
        descent.descend(steps, 0);
        pruned(steps);
        return isAsGood(0, undescended) ? steps : orAround(cheaper(steps, anew, 0), lowest, 0);
    }

    /**
     * The best placement where moves have a price. What is made anew loads many units, steps from what is held few, so
     * mostly it is plain before either is improved which of them can't be the better one.
     */
    private LayerState paying(final double price) {
        relabel.toMatch(fresh);
        final double undescended = fresh.hottest();
        if (descent.reach(steps, price) >= value(fresh, price)) {
            descent.descend(fresh, price);
            return orAround(pruned(fresh), undescended, price);
        }
        descent.descend(steps, price);
        pruned(steps);
        if (isAsGood(price, undescended)) {
            return steps;
        }
        if (descent.reachOfLoads(fresh, price) >= value(steps, price)) {
            return orAround(steps, undescended, price);
        }
        descent.descend(fresh, price);
        return orAround(cheaper(steps, pruned(fresh), price), undescended, price);
    }

    /**
     * Whether steps from what is held led to what is as good as what is made anew, or nearly, and loads fewer units.
     */
    private boolean isAsGood(final double price, final double undescended) {
        return steps.hottest() <= settled() || value(steps, price) <= undescended;
    }

    private static double value(final LayerState state, final double price) {
        return state.hottest() + price * state.moves();
    }

    /** Load of the hottest node below which a layer is left as it is. */
    private double settled() {
        return steps.mean() * LayerDescent.SETTLED;
    }

    /** The better of a placement and one made anew around what is held now, for a time that is known to be possible. */
    private LayerState orAround(final LayerState best, final double time, final double price) {
        if (!fill.fill(around, time, true)
                || (price > 0 && descent.reachOfLoads(around, price) >= value(best, price))) {
            return best;
        }
        descent.descend(around, price);
        return cheaper(best, pruned(around), price);
    }

    private LayerState pruned(final LayerState state) {
        descent.prune(state);
        state.recompute();
        return state;
    }

    /** The better of two placements from nothing, if it takes less than {@code known}. */
    private boolean anew(final double known) {
        final boolean spreads = spread.spread(work, known);
        final double most = spreads ? work.hottest() : Double.POSITIVE_INFINITY;
        if (fill.lowest(fresh, Math.min(known, most * NEARLY)) && fresh.hottest() <= most) {
            return true;
        }
        if (spreads) {
            fresh.copyPlacement(work);
        }
        return spreads;
    }

    /** What is held now, as far as slots allow, and every unit placed. */
    private void start() {
        steps.clear();
        for (int u = 0; u < steps.units; u++) {
            for (long mask = steps.before[u]; mask != 0; mask &= mask - 1) {
                final int node = Long.numberOfTrailingZeros(mask);
                if (node < steps.nodes && steps.hasRoom(node)) {
                    steps.add(node, u);
                }
            }
        }
        descent.complete(steps);
        steps.recompute();
    }

    private static LayerState cheaper(final LayerState first, final LayerState second, final double price) {
        final double firstValue = value(first, price);
        final double secondValue = value(second, price);
        if (Math.abs(firstValue - secondValue) <= 1e-9 * firstValue) {
            return second.moves() < first.moves() ? second : first;
        }
        return secondValue < firstValue ? second : first;
    }
}
