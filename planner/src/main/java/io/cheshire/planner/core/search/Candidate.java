package io.cheshire.planner.core.search;

import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fleet that was looked at.
 *
 * @param screen       what it does
 * @param availability computed only of those that carry the load
 * @param price        an hour; nodes and routers in all where no costs are given
 * @param misses       objectives that it doesn't keep, in words; empty: it keeps all
 */
public record Candidate(ScreenResult screen, @Nullable Availability availability, double price, List<String> misses) {
    public Candidate {
        misses = List.copyOf(misses);
    }

    public FleetShape fleet() {
        return screen.fleet();
    }

    public boolean keeps() {
        return misses.isEmpty();
    }
}
