package io.cheshire.planner.core.step;

import io.cheshire.router.core.schedule.SchedulerLimits;
import java.util.ArrayList;
import java.util.List;

/** A router's lanes, and the pace at which the steps of those that are busy go on beside each other. */
final class StepLanes {
    /**
     * How far a lane waits behind other routers' longest one. Fitted to runs of the exact fidelity
     * (docs/planning-validation.md).
     */
    private static final double BEHIND_OTHERS = 0.3;

    /** Layers that lanes are apart at most when nodes take their rows together. */
    private static final double LEVEL = 1.2;

    /** Of Newton's method: what is left of an error is less than what is known of the rest. */
    private static final int ROUNDS = 4;

    private final List<StepLane> lanes = new ArrayList<>();
    private final boolean[] changed;
    private final double[] layerNs;
    private final int layers;
    private Others others = Others.NONE;
    private double nodesNs;

    StepLanes(final SchedulerLimits limits, final int layers) {
        this.layers = layers;
        this.changed = new boolean[limits.lanes()];
        this.layerNs = new double[limits.lanes()];
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
     * of that a lane's share is its part of a layer in which all lanes have steps like its own. Beyond that it doesn't
     * overtake the longest of its router's lanes, waits now and then for the longest of other routers', which it only
     * meets at the nodes, and as long as the busiest node needs for everybody.
     */
    void repace(final long nowNs) {
        double together = 0;
        double shares = 0;
        for (final StepLane lane : lanes) {
            if (lane.busy) {
                together += lane.routerNs;
                shares += (Math.max(lane.routerNs + lane.waitNs, lanes.size() * lane.routerNs) + lane.crowdNs)
                        / lanes.size();
            }
        }
        final double bound = Math.max(together, shares);
        for (int i = 0; i < lanes.size(); i++) {
            final StepLane lane = lanes.get(i);
            if (!lane.busy) {
                continue;
            }
            lane.advance(nowNs);
            layerNs[i] = Math.max(lane.routerNs + lane.waitNs, bound);
        }
        holdBehindLongest();
        final double crowdedNs = crowdedNs();
        for (int i = 0; i < lanes.size(); i++) {
            final StepLane lane = lanes.get(i);
            if (lane.busy) {
                final double behindNs = BEHIND_OTHERS * Math.max(0, others.longestNs() - layerNs[i]);
                lane.durationNs = layers * (layerNs[i] + Math.max(crowdedNs, behindNs)) * lane.factor;
                lane.version++;
                changed[i] = true;
            }
        }
    }

    /**
     * A lane that catches up with a longer one in the same layer stays there: nodes take the rows of both together, and
     * answer both at once. So it doesn't overtake.
     */
    private void holdBehindLongest() {
        int longest = -1;
        for (int i = 0; i < lanes.size(); i++) {
            if (lanes.get(i).busy && (longest < 0 || alone(i) > alone(longest))) {
                longest = i;
            }
        }
        for (int i = 0; i < lanes.size(); i++) {
            final StepLane lane = lanes.get(i);
            if (i != longest && lane.busy) {
                final double leftThere = lanes.get(longest).shareLeft;
                if (lane.shareLeft >= leftThere - LEVEL / layers) {
                    layerNs[i] = Math.max(layerNs[i], layerNs[longest] * leftThere / lane.shareLeft);
                }
            }
        }
    }

    private double alone(final int lane) {
        return lanes.get(lane).routerNs + lanes.get(lane).waitNs;
    }

    /** How much longer each lane's layers take, so that what the busiest node does for all fits into that time. */
    private double crowdedNs() {
        double ownNs = 0;
        for (int i = 0; i < lanes.size(); i++) {
            ownNs = Math.max(ownNs, lanes.get(i).busy ? layerNs[i] : 0);
        }
        double moreNs = 0;
        for (int round = 0; round < ROUNDS && others.nodesNs() > 0 && ownNs > 0; round++) {
            final double own = nodesNs / (ownNs + moreNs);
            final double theirs = others.nodesNs() / (others.longestNs() + moreNs);
            if (own + theirs <= 1) {
                break;
            }
            moreNs += (own + theirs - 1) / (own / (ownNs + moreNs) + theirs / (others.longestNs() + moreNs));
        }
        return moreNs;
    }

    /** What the busiest node does for a layer of all busy lanes together. */
    double nodesNs() {
        return nodesNs;
    }

    /** The same, until this is told anew. */
    void atNodes(final double now) {
        nodesNs = now;
    }

    /** Rows of all busy lanes. */
    int rows() {
        int rows = 0;
        for (final StepLane lane : lanes) {
            rows += lane.busy ? lane.plan.batch.rowCount : 0;
        }
        return rows;
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
