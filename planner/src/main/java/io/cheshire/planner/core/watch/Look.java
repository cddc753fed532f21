package io.cheshire.planner.core.watch;

import io.cheshire.planner.core.screen.ScreenResult;
import java.util.List;

/**
 * One look at a running cluster.
 *
 * @param seen        what it did
 * @param verdict     whether that is enough to judge by
 * @param assumptions of the plan, each with what is so; empty where nothing is judged
 * @param share       part of the plan's load that ought to come to the routers that are looked at, 0 to 1
 * @param atPlan      predicted for the plan's load
 * @param atActual    predicted for the load that was seen, if all routers have as much
 */
public record Look(
        Seen seen,
        Verdict verdict,
        List<Assumption> assumptions,
        double share,
        ScreenResult atPlan,
        ScreenResult atActual) {
    /** Whether a plan can be judged by what was seen. */
    public enum Verdict {
        /** The window of time isn't full: what a cluster does in its first seconds says nothing. */
        TOO_SOON,
        /** Fewer requests came, and were to come, than chance allows to judge by. */
        TOO_FEW,
        HOLDS,
        BROKEN
    }

    public Look {
        assumptions = List.copyOf(assumptions);
    }

    /** What no longer holds. */
    public List<Assumption> broken() {
        return assumptions.stream().filter(each -> !each.holds()).toList();
    }
}
