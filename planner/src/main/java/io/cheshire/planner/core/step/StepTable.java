package io.cheshire.planner.core.step;

import io.cheshire.planner.core.times.StepTimes;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a layer waits for nodes, by rows, busy lanes, busy routers and nodes away: measured on first use at powers of
 * two, linear in between. What the router computes is taken off what is measured, so that contexts need no table. Any
 * thread; what it answers doesn't depend on who asks first.
 */
public final class StepTable {
    /** Contexts of the measured sequences: short, so that their attention hardly counts. */
    public static final int MEASURED_STEPS = 60;

    private static final double MEAN_CONTEXT = 1 + MEASURED_STEPS / 2.0;

    private final StepTimes times;
    private final StepSource source;
    private final int mostRouters;
    private final int mostRows;
    private final Map<StepState, StepStatistics> known = new ConcurrentHashMap<>();

    /**
     * @param mostRouters of the cluster
     * @param mostRows    of a step
     */
    public StepTable(final StepTimes times, final StepSource source, final int mostRouters, final int mostRows) {
        this.times = times;
        this.source = source;
        this.mostRouters = mostRouters;
        this.mostRows = mostRows;
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

    /** The state that stands for the spread of steps like this. */
    public StepStatistics spread(final int rows, final int missing) {
        return at(new StepState(below(rows), 1, 1, missing));
    }

    /**
     * What a layer waits beside what its router computes: for its own rows, and for those of others that nodes take
     * first.
     *
     * @param others     routers that are busy, too
     * @param othersRows of each of their steps, on average
     */
    public double waitNs(final int rows, final int others, final double othersRows, final int missing) {
        final double alone = between(rows, at -> layerWaitNs(at, 1, missing));
        if (others == 0 || mostRouters == 1) {
            return alone;
        }
        final double together = between(othersRows, at -> layerWaitNs(at, mostRouters, missing));
        final double apart = between(othersRows, at -> layerWaitNs(at, 1, missing));
        return alone + Math.max(0, together - apart) * others / (mostRouters - 1);
    }

    /** What lanes that are all busy with steps like this one cost each other in a layer beyond the longer of both. */
    public double crowdNs(final double rows, final int lanes, final int others, final int missing) {
        if (lanes == 1) {
            return 0;
        }
        final double alone = between(rows, at -> layerCrowdNs(at, lanes, 1, missing));
        if (others == 0 || mostRouters == 1) {
            return alone;
        }
        final double together = between(rows, at -> layerCrowdNs(at, lanes, mostRouters, missing));
        return alone + (together - alone) * others / (mostRouters - 1);
    }

    /** A figure at a power of two. */
    private interface Figure {
        double of(int rows);
    }

    private double between(final double rows, final Figure figure) {
        final int low = below((int) rows);
        final int high = above((int) Math.ceil(rows));
        final double lower = figure.of(low);
        if (high == low) {
            return lower;
        }
        return lower + (figure.of(high) - lower) * (Math.clamp(rows, low, high) - low) / (high - low);
    }

    /** What a router computes in a layer of a measured step, what a step costs once spread over its layers. */
    private double routerNs(final int rows) {
        return times.decodeLayerNs(rows, rows * MEAN_CONTEXT)
                + (times.logitsNs(rows) + times.overheadNs(rows))
                        / times.shape().layerCount();
    }

    private double layerNs(final StepState state) {
        return at(state).meanNs() / times.shape().layerCount();
    }

    private double layerWaitNs(final int rows, final int routers, final int missing) {
        return Math.max(0, layerNs(new StepState(rows, 1, routers, missing)) - routerNs(rows));
    }

    private double layerCrowdNs(final int rows, final int lanes, final int routers, final int missing) {
        final double router = routerNs(rows);
        final double alone = Math.max(router + layerWaitNs(rows, routers, missing), lanes * router);
        return layerNs(new StepState(rows, lanes, routers, missing)) - alone;
    }
}
