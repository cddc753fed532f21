package io.cheshire.planner.core.watch;

import io.cheshire.planner.core.screen.ScreenResult;
import java.util.List;

/**
 * One look at a running cluster.
 *
 * @param seen        what it did
 * @param assumptions of the plan, each with what is so; empty where too few requests came to say
 * @param atPlan      predicted for the plan's load
 * @param atActual    predicted for the load that was seen
 */
public record Look(Seen seen, List<Assumption> assumptions, ScreenResult atPlan, ScreenResult atActual) {
    public Look {
        assumptions = List.copyOf(assumptions);
    }

    /** What no longer holds. */
    public List<Assumption> broken() {
        return assumptions.stream().filter(each -> !each.holds()).toList();
    }
}
