package io.cheshire.planner.runtime.exact;

/**
 * When a thread that had nothing to do looks again, by the product's idle strategy: it looks some thirty times at once,
 * then parks for a microsecond, and twice as long each time up to a millisecond; after half a second it rests for five
 * milliseconds at a time. The system's timers wake it a little later than it asks for. So who waited long for an answer
 * sees it late: what a layer waits for nodes grows with how long they compute.
 */
final class Dozing {
    /** Looks at once, and what they take. */
    private static final long AWAKE_NS = 20_000;

    private static final long FIRST_PARK_NS = 1_000;
    private static final long LAST_PARK_NS = 1_000_000;
    private static final int PARKS_BEFORE_REST = 470;
    private static final long REST_NS = 5_000_000;
    /** The kernel wakes sleepers so much later than they ask for (its timer slack). */
    private static final long SLACK_NS = 55_000;

    private Dozing() {}

    /** From now until the next look of a thread that has had nothing to do for so long. */
    static long untilNextLookNs(final long idleNs) {
        if (idleNs < AWAKE_NS) {
            return 0;
        }
        long lookNs = AWAKE_NS;
        long parkNs = FIRST_PARK_NS;
        int parks = 0;
        while (parkNs < LAST_PARK_NS) {
            lookNs += parkNs + SLACK_NS;
            if (lookNs > idleNs) {
                return lookNs - idleNs;
            }
            parkNs = Math.min(LAST_PARK_NS, 2 * parkNs);
            parks++;
        }
        final long restsFromNs = lookNs + (PARKS_BEFORE_REST - parks) * (LAST_PARK_NS + SLACK_NS);
        return idleNs < restsFromNs
                ? untilNextOf(idleNs - lookNs, LAST_PARK_NS + SLACK_NS)
                : untilNextOf(idleNs - restsFromNs, REST_NS + SLACK_NS);
    }

    private static long untilNextOf(final long sinceNs, final long periodNs) {
        return periodNs - sinceNs % periodNs;
    }

    /** The last look that such a thread takes within a time, or the next one: so many need not be played. */
    static long lookWithinNs(final long idleNs, final long mostNs) {
        final long next = untilNextLookNs(idleNs);
        long look = next;
        long at = idleNs + next;
        while (at < idleNs + mostNs) {
            look = at - idleNs;
            at += Math.max(1, untilNextLookNs(at));
        }
        return look;
    }
}
