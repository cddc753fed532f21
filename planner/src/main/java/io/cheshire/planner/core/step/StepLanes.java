package io.cheshire.planner.core.step;

import io.cheshire.router.core.schedule.SchedulerLimits;
import java.util.ArrayList;
import java.util.List;

/** A router's lanes, and the pace at which the steps of those that are busy go on beside each other. */
final class StepLanes {
    /**
     * How far lanes of unequal steps go in step: fitted to runs of the exact fidelity (docs/planning-validation.md).
     */
    private static final double IN_STEP_SHARE = 0.4;

    private final List<StepLane> lanes = new ArrayList<>();
    private final boolean[] changed;
    private final int layers;

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
     * Lanes share the router's device and the nodes, each of which takes first what came first. Were they always in
     * each other's way they would go in step, a layer of each taking as long as the longest way of any; were they
     * never, each would take its own way, or as long as all of them compute. The truth lies between.
     */
    void repace(final long nowNs) {
        double together = 0;
        double longest = 0;
        double crowd = 0;
        int busy = 0;
        for (final StepLane lane : lanes) {
            if (lane.busy) {
                together += lane.routerNs;
                longest = Math.max(longest, lane.routerNs + lane.waitNs);
                crowd += lane.crowdNs;
                busy++;
            }
        }
        final double crowded = busy < 2 ? 0 : crowd / busy * (busy - 1) / (lanes.size() - 1);
        for (int i = 0; i < lanes.size(); i++) {
            final StepLane lane = lanes.get(i);
            if (!lane.busy) {
                continue;
            }
            lane.advance(nowNs);
            final double free = Math.max(lane.routerNs + lane.waitNs, together);
            final double layerNs = free + IN_STEP_SHARE * (Math.max(longest, together) - free) + crowded;
            lane.durationNs = layers * layerNs * lane.factor;
            lane.version++;
            changed[i] = true;
        }
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
