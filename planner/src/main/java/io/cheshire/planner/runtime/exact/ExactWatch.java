package io.cheshire.planner.runtime.exact;

import io.cheshire.planner.protocol.plan.PlanRefused;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who looks at an exact run while it goes on.
 *
 * @param book      notes what devices do, or null
 * @param pauses    whether processes pause and epochs are late as on the calibrated machine
 * @param mostNs    of real time that it may take
 * @param remedy    what to do where that isn't enough
 * @param startedNs when it began, by {@link System#nanoTime()}
 */
public record ExactWatch(@Nullable RunBook book, boolean pauses, long mostNs, String remedy, long startedNs) {
    private static final long FOREVER_NS = Duration.ofDays(365).toNanos();

    /** Nobody looks, and it may take as long as it does. */
    static ExactWatch none() {
        return new ExactWatch(null, true, FOREVER_NS, "", System.nanoTime());
    }

    /** Notes what devices do, without pauses: for what is to be known of steps alone. */
    static ExactWatch ofSteps(final RunBook book) {
        return new ExactWatch(book, false, FOREVER_NS, "", System.nanoTime());
    }

    /** Notes what devices do, as long as it takes. */
    public static ExactWatch noting(final RunBook book) {
        return new ExactWatch(book, true, FOREVER_NS, "", System.nanoTime());
    }

    /** The same, from now on for so long at most. */
    public static ExactWatch noting(final RunBook book, final Duration most, final String remedy) {
        return new ExactWatch(book, true, most.toNanos(), remedy, System.nanoTime());
    }

    /** @throws PlanRefused its time is over */
    void demandTime() {
        if (System.nanoTime() - startedNs > mostNs) {
            throw new PlanRefused(List.of(
                    "the simulation took more than " + Duration.ofNanos(mostNs).toSeconds() + " s: " + remedy));
        }
    }
}
