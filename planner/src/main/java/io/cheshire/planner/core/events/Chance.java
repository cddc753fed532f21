package io.cheshire.planner.core.events;

import java.util.SplittableRandom;

/**
 * Sources of chance by purpose, all from one seed: a question that changes one purpose leaves the others' numbers as
 * they were, so that two answers differ by what was asked and by little else.
 */
public final class Chance {
    private static final long STREAM_STEP = 0x9E3779B97F4A7C15L;

    /** What chance decides. */
    public enum Purpose {
        ARRIVALS(0),
        LENGTHS(1),
        ROUTING(2),
        SERVICE(3),
        FAULTS(4),
        DELAYS(5);

        private final long number;

        Purpose(final long number) {
            this.number = number;
        }
    }

    private Chance() {}

    /**
     * A source of its own.
     *
     * @param part of the fleet, so that parts may be simulated in any order
     */
    public static SplittableRandom of(final long seed, final Purpose purpose, final int part) {
        final long stream = (purpose.number << 32) | part;
        return new SplittableRandom(new SplittableRandom(seed ^ (stream * STREAM_STEP)).nextLong());
    }

    /** An exponential time. */
    public static double exponential(final SplittableRandom random, final double mean) {
        return -Math.log1p(-random.nextDouble()) * mean;
    }

    /** A number of the standard normal distribution (polar method, one of the two). */
    public static double normal(final SplittableRandom random) {
        while (true) {
            final double x = 2 * random.nextDouble() - 1;
            final double y = 2 * random.nextDouble() - 1;
            final double square = x * x + y * y;
            if (square > 0 && square < 1) {
                return x * Math.sqrt(-2 * Math.log(square) / square);
            }
        }
    }
}
