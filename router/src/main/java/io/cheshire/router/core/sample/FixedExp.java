package io.cheshire.router.core.sample;

/**
 * exp(x) for x ≤ 0 in plain double arithmetic: the same bits on every machine (the JDK's own {@code Math.exp} may
 * differ between processors, and then a seed would too), and several times faster than {@link StrictMath#exp}. Relative
 * error below 1e-15. Table of 2^(i/64) and a polynomial on what remains (Tang 1989).
 */
final class FixedExp {
    private static final int STEPS = 64;
    private static final double STEPS_PER_LN2 = STEPS / StrictMath.log(2);
    private static final double LN2_PER_STEP_HIGH =
            Double.longBitsToDouble(Double.doubleToRawLongBits(StrictMath.log(2) / STEPS) & 0xFFFF_FFFF_F000_0000L);
    /** What ln 2 rounded to a double leaves out; it counts once multiplied by thousands of steps. */
    private static final double LN2_REST = 2.3190468138462996e-17;

    private static final double LN2_PER_STEP_LOW = ((StrictMath.log(2) - LN2_PER_STEP_HIGH * STEPS) + LN2_REST) / STEPS;
    /** Below this the result is taken as 0; exp(-700) is 1e-304. */
    private static final double UNDERFLOW = -700;

    private static final double[] POWERS = new double[STEPS];

    static {
        for (int i = 0; i < STEPS; i++) {
            POWERS[i] = StrictMath.pow(2, i / (double) STEPS);
        }
    }

    private FixedExp() {}

    /** exp(x); x must be 0 or less, −∞ included. */
    static double exp(final double x) {
        if (x < UNDERFLOW) {
            return 0;
        }
        final int steps = (int) (x * STEPS_PER_LN2 - 0.5);
        final double r = (x - steps * LN2_PER_STEP_HIGH) - steps * LN2_PER_STEP_LOW;
        final double tail = r + r * r * (1 / 2.0 + r * (1 / 6.0 + r * (1 / 24.0 + r * (1 / 120.0))));
        final double power = POWERS[steps & (STEPS - 1)];
        final double scale = Double.longBitsToDouble(((long) (steps >> 6) + 1023) << 52);
        return (power + power * tail) * scale;
    }
}
