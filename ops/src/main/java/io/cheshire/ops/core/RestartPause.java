package io.cheshire.ops.core;

import java.time.Duration;

/**
 * How long a process that ended waits to be started again: the longer, the oftener it ended soon after its start. What
 * ends it may be what it gets to do; started again at once it would only end again, and take the cores of those that
 * live. Immutable.
 *
 * @param first     pause of a process that had lived long
 * @param shortRuns times in a row that it ended soon
 */
public record RestartPause(Duration first, int shortRuns) {
    /** A process that lived so long had come up and served. */
    static final Duration STEADY = Duration.ofSeconds(20);

    /** Longest pause, unless the first is longer. */
    static final Duration LONGEST = Duration.ofMinutes(2);

    private static final int MOST_DOUBLINGS = 10;

    /** The process ended. */
    public RestartPause after(final Duration lived) {
        return new RestartPause(first, lived.compareTo(STEADY) < 0 ? shortRuns + 1 : 0);
    }

    /** From its end to its next start; the first short run is no reason to wait longer. */
    public Duration length() {
        final Duration doubled = first.multipliedBy(1L << Math.clamp(shortRuns - 1, 0, MOST_DOUBLINGS));
        final Duration most = first.compareTo(LONGEST) > 0 ? first : LONGEST;
        return doubled.compareTo(most) > 0 ? most : doubled;
    }
}
