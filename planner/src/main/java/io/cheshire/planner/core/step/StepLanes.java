package io.cheshire.planner.core.step;

import io.cheshire.router.core.schedule.SchedulerLimits;
import java.util.ArrayList;
import java.util.List;

/** A router's lanes, and the pace at which the steps of those that are busy go on beside each other. */
final class StepLanes {
    /**
     * How far a lane goes in step with a router's longest one, how far it waits behind other routers' longest one, and
     * how far all that nodes do for anybody binds it, the last divided among a router's lanes. Fitted to runs of the
     * exact fidelity (docs/planning-validation.md).
     */
    private static final double IN_STEP = 0.4;

    private static final double BEHIND_OTHERS = 0.3;
    private static final double BOUND_BY_OTHERS = 0.7;

    private final List<StepLane> lanes = new ArrayList<>();
    private final boolean[] changed;
    private final int layers;
    private Others others = Others.NONE;

    StepLanes(final SchedulerLimits limits, final int layers) {
        this.layers = layers;
        this.changed = new boolean[limits.lanes()];
        for (int lane = 0; lane < limits.lanes(); lane++) {
            lanes.add(new StepLane(limits));
        }
    }

    StepLane at(final int lane) {
        return lanes.get(lane);
    }

    /** Rows of a lane, averaged over those that are busy. */
    double rowsInALane() {
        int rows = 0;
        int busy = 0;
        for (final StepLane lane : lanes) {
            rows += lane.busy ? lane.plan.batch.rowCount : 0;
            busy += lane.busy ? 1 : 0;
        }
        return busy == 0 ? 0 : (double) rows / busy;
    }

    /** Whether a lane's step ends at another time than was said before. */
    boolean takeChanged(final int lane) {
        final boolean was = changed[lane];
        changed[lane] = false;
        return was;
    }

    /**
     * Lanes share the router's device and the nodes, each of which takes first what came first. A layer takes a lane at
     * least its own way, at least what the router computes for all of them, and at least what nodes do for all of them:
     * of that a lane's share is its part of a layer in which all lanes have steps like its own. Beyond that it waits
     * now and then for the longest of its router's lanes, with which it takes turns, and of other routers', which it
     * only meets at the nodes.
     */
    void repace(final long nowNs) {
        double together = 0;
        double shares = 0;
        double everywhere = others.nodesNs();
        double longest = 0;
        for (final StepLane lane : lanes) {
            if (lane.busy) {
                together += lane.routerNs;
                longest = Math.max(longest, lane.routerNs + lane.waitNs);
                shares += (Math.max(lane.routerNs + lane.waitNs, lanes.size() * lane.routerNs) + lane.crowdNs)
                        / lanes.size();
                everywhere += lane.nodesNs;
            }
        }
        final double bound = Math.max(together, shares);
        for (int i = 0; i < lanes.size(); i++) {
            final StepLane lane = lanes.get(i);
            if (!lane.busy) {
                continue;
            }
            lane.advance(nowNs);
            final double own = Math.max(lane.routerNs + lane.waitNs, bound);
            final double inStep = own + IN_STEP * Math.max(0, longest - own);
            final double layerNs = inStep
                    + Math.max(
                            BOUND_BY_OTHERS / lanes.size() * Math.max(0, everywhere - inStep),
                            BEHIND_OTHERS * Math.max(0, others.longestNs() - inStep));
            lane.durationNs = layers * layerNs * lane.factor;
            lane.version++;
            changed[i] = true;
        }
    }

    /** What all busy lanes take of the nodes, a layer of each. */
    double nodesNs() {
        double sum = 0;
        for (final StepLane lane : lanes) {
            sum += lane.busy ? lane.nodesNs : 0;
        }
        return sum;
    }

    /** The longest way of a busy lane through a layer. */
    double longestNs() {
        double longest = 0;
        for (final StepLane lane : lanes) {
            longest = Math.max(longest, lane.busy ? lane.routerNs + lane.waitNs : 0);
        }
        return longest;
    }

    /** What the lanes of other routers do, until this is told anew. */
    void beside(final Others now) {
        others = now;
    }

    /** Steps under way stand still for so long. */
    void stall(final long nowNs, final long stallNs) {
        for (final StepLane lane : lanes) {
            if (lane.busy) {
                lane.advance(nowNs);
                lane.stallNs += stallNs;
            }
        }
        repace(nowNs);
    }

    /** What is under way is lost. */
    void stop() {
        for (final StepLane lane : lanes) {
            lane.busy = false;
            lane.version++;
        }
    }
}
