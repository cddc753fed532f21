package io.cheshire.planner.runtime.console;

import io.cheshire.planner.core.screen.PlacedStations;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Keeps what answers of late were computed from, so that a slider that moves the load costs a tenth. Bounded: so many
 * kinds of plan, each with so many fleets; what is beyond is computed again. Safe from any thread.
 */
final class PageStations {
    private static final int MOST_KINDS = 4;
    /** Some kilobytes each. */
    private static final int MOST_FLEETS = 512;

    private final long seed;
    private final Deque<PlacedStations> kept = new ArrayDeque<>();

    PageStations(final long seed) {
        this.seed = seed;
    }

    /** Those of a plan like this one, or new ones. */
    synchronized PlacedStations of(final CapacityPlan plan) {
        final Iterator<PlacedStations> all = kept.iterator();
        while (all.hasNext()) {
            final PlacedStations each = all.next();
            if (each.fit(plan)) {
                all.remove();
                if (each.size() <= MOST_FLEETS) {
                    kept.addFirst(each);
                    return each;
                }
                break;
            }
        }
        final PlacedStations fresh = new PlacedStations(plan, seed);
        kept.addFirst(fresh);
        if (kept.size() > MOST_KINDS) {
            kept.removeLast();
        }
        return fresh;
    }
}
