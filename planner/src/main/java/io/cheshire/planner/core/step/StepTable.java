package io.cheshire.planner.core.step;

import io.cheshire.planner.core.times.StepTimes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * What a layer waits for nodes, by rows, busy lanes, busy routers and nodes away: measured on first use at powers of
 * two, linear in between. What the router computes is taken off what is measured, so that contexts need no table. Any
 * thread; what it answers doesn't depend on who asks first.
 */
public final class StepTable {
    /** Up to so many rows, steps scatter by which experts they choose. */
    private static final int FEW_ROWS = 16;

    /** More nodes away than are ever counted apart. */
    private static final int MOST_MISSING = 8;

    private final StepTimes times;
    private final StepSource source;
    private final int mostRouters;
    private final int lanes;
    private final int mostRows;
    private final Map<StepState, StepStatistics> known = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable Row> rows;
    private final AtomicReferenceArray<@Nullable Double> nodes;

    /**
     * A cluster's table.
     *
     * @param mostRouters of the cluster
     * @param lanes       of each router
     * @param mostRows    of a step
     */
    public StepTable(
            final StepTimes times,
            final StepSource source,
            final int mostRouters,
            final int lanes,
            final int mostRows) {
        this.times = times;
        this.source = source;
        this.mostRouters = mostRouters;
        this.lanes = lanes;
        this.mostRows = mostRows;
        this.rows = new AtomicReferenceArray<>(MOST_MISSING * (mostRows + 1));
        this.nodes = new AtomicReferenceArray<>(MOST_MISSING * (lanes * mostRows + 1));
    }

    /**
     * What is known of steps of so many rows, each time for a layer.
     *
     * @param waitNs          what it waits beside what its router computes, for its own rows, if nobody else is there
     * @param othersWaitNs    what each step with so many rows waits for those of all other routers, if they are alike
     * @param crowdNs         what lanes that are all busy with such steps cost each other beyond the longer of both
     * @param crowdedCrowdNs  the same if all routers' lanes are
     * @param spread          of such steps' durations
     */
    record Row(double waitNs, double othersWaitNs, double crowdNs, double crowdedCrowdNs, StepStatistics spread) {}

    /** Of steps of so many rows while so many nodes are away. */
    Row row(final int count, final int missing) {
        final int at = Math.min(missing, MOST_MISSING - 1) * (mostRows + 1) + Math.clamp(count, 1, mostRows);
        final Row before = rows.get(at);
        if (before != null) {
            return before;
        }
        final Row row = new Row(
                between(count, r -> layerWaitNs(r, 1, missing)),
                othersWaitNs(count, missing),
                crowdNs(count, 1, missing),
                crowdNs(count, mostRouters, missing),
                at(new StepState(below(count), 1, 1, missing)));
        rows.set(at, row);
        return row;
    }

    /**
     * What the busiest node does for a layer of a router whose lanes have so many rows together. They go through the
     * layers together, and nodes take their rows at once. Where routers meet often, theirs as well: then no more than
     * their part of what was measured.
     */
    double nodesNs(final int count, final int missing) {
        if (mostRouters == 1 || count == 0) {
            return 0;
        }
        final int at = Math.min(missing, MOST_MISSING - 1) * (lanes * mostRows + 1) + Math.min(count, lanes * mostRows);
        final Double before = nodes.get(at);
        if (before != null) {
            return before;
        }
        final double alone =
                between(count, r -> at(new StepState(r, 1, 1, missing)).nodeNs())
                        * Math.max(1, (double) count / mostRows)
                        / times.shape().layerCount();
        final double together = between(count / lanes, r -> layerNs(new StepState(r, lanes, mostRouters, missing)));
        final double busiest = Math.min(together / mostRouters, alone);
        nodes.set(at, busiest);
        return busiest;
    }

    /**
     * Steps of each sequence while a state is measured: few enough that contexts stay short and attention hardly
     * counts, fewer where many rows choose all experts anyway, or where lanes are measured again and again.
     */
    public static int measuredSteps(final StepState state) {
        final boolean alone = state.lanes() * state.routers() == 1;
        return state.rows() <= FEW_ROWS ? (alone ? 60 : 30) : (alone ? 24 : 16);
    }

    /** Takes what was measured before. */
    public void learn(final Map<StepState, StepStatistics> before) {
        known.putAll(before);
    }

    /** All that is known by now. */
    public Map<StepState, StepStatistics> known() {
        return Map.copyOf(known);
    }

    /** The durations of one state. */
    public StepStatistics at(final StepState state) {
        final StepStatistics before = known.get(state);
        return before != null ? before : known.computeIfAbsent(state, source::measure);
    }

    private int below(final int rows) {
        return Integer.highestOneBit(Math.clamp(rows, 1, mostRows));
    }

    private int above(final int rows) {
        final int clamped = Math.clamp(rows, 1, mostRows);
        final int low = Integer.highestOneBit(clamped);
        return low == clamped ? low : Math.min(2 * low, mostRows);
    }

    private double othersWaitNs(final int count, final int missing) {
        if (mostRouters == 1) {
            return 0;
        }
        final double together = between(count, r -> layerWaitNs(r, mostRouters, missing));
        return Math.max(0, together - between(count, r -> layerWaitNs(r, 1, missing)));
    }

    private double crowdNs(final int count, final int routers, final int missing) {
        return lanes == 1 ? 0 : between(count, r -> layerCrowdNs(r, routers, missing));
    }

    /** A figure at a power of two. */
    private interface Figure {
        double of(int rows);
    }

    private double between(final int count, final Figure figure) {
        final int low = below(count);
        final int high = above(count);
        final double lower = figure.of(low);
        if (high == low) {
            return lower;
        }
        return lower + (figure.of(high) - lower) * (Math.clamp(count, low, high) - low) / (high - low);
    }

    /** What a router computes in a layer of a measured step, what a step costs once spread over its layers. */
    private double routerNs(final StepState state) {
        final int count = state.rows();
        if (state.isOfPrompts()) {
            return times.promptLayerNs(count)
                    + (times.logitsNs(1) + times.overheadNs(1)) / times.shape().layerCount();
        }
        return times.decodeLayerNs(count, count * (1 + measuredSteps(state) / 2.0))
                + (times.logitsNs(count) + times.overheadNs(count))
                        / times.shape().layerCount();
    }

    private double layerNs(final StepState state) {
        return at(state).meanNs() / times.shape().layerCount();
    }

    private double layerWaitNs(final int count, final int routers, final int missing) {
        final StepState state = new StepState(count, 1, routers, missing);
        return Math.max(0, layerNs(state) - routerNs(state));
    }

    private double layerCrowdNs(final int count, final int routers, final int missing) {
        final StepState state = new StepState(count, lanes, routers, missing);
        final double router = routerNs(state);
        return layerNs(state) - Math.max(router + layerWaitNs(count, routers, missing), lanes * router);
    }
}
