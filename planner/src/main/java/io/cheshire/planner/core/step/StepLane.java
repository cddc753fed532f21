package io.cheshire.planner.core.step;

import io.cheshire.router.core.schedule.SchedulerLimits;
import io.cheshire.router.core.schedule.StepPlan;

/** A lane's step under way. What is left of it is kept as a share, since others who come and go change its pace. */
final class StepLane {
    final StepPlan plan;
    boolean busy;
    /** Counts plans of its end: only the latest one counts. */
    int version;
    /** Of the step, at {@link #sinceNs}. */
    double shareLeft;

    long sinceNs;
    /** Of a whole step at the present pace. */
    double durationNs;
    /** What the router computes in a layer, what a step costs once spread over the layers. */
    double routerNs;

    double waitNs;
    double crowdNs;
    double factor;
    /** On top of all, from strikes. */
    double stallNs;
    /** When the lane's tokens before were there. */
    long tokensNs = -1;

    StepLane(final SchedulerLimits limits) {
        plan = new StepPlan(limits);
    }

    /** When it ends at this pace. */
    long endNs() {
        return sinceNs + Math.round(shareLeft * durationNs + stallNs);
    }

    /** Goes on to a time at the pace so far. */
    void advance(final long nowNs) {
        double elapsedNs = nowNs - sinceNs;
        final double stalledNs = Math.min(stallNs, elapsedNs);
        stallNs -= stalledNs;
        elapsedNs -= stalledNs;
        shareLeft = elapsedNs == 0 ? shareLeft : Math.max(0, shareLeft - elapsedNs / durationNs);
        sinceNs = nowNs;
    }
}
