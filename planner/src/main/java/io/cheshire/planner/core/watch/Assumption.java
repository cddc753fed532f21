package io.cheshire.planner.core.watch;

import java.util.Locale;

/**
 * One thing that a plan takes for granted, and what is so. It holds while what is so lies in the interval.
 *
 * @param name    for labels and people
 * @param planned by the plan
 * @param low     least that still holds
 * @param high    most that still holds
 * @param actual  of the cluster
 */
public record Assumption(String name, double planned, double low, double high, double actual) {
    /**
     * What may be neither more nor less than planned.
     *
     * @param noise    by how much {@code actual} may be off by chance, as a share: few requests say little
     * @param patience beyond noise, so much more or less still holds, as a share of {@code planned}
     */
    static Assumption about(
            final String name, final double planned, final double actual, final double noise, final double patience) {
        final double room = 1 + patience + noise;
        return new Assumption(name, planned, planned / room, planned * room, actual);
    }

    /** What may be less than planned: nobody minds. */
    static Assumption upTo(final String name, final double planned, final double most, final double actual) {
        return new Assumption(name, planned, 0, most, actual);
    }

    /** Actual over planned; 1 where neither is anything. */
    public double ratio() {
        if (planned > 0) {
            return actual / planned;
        }
        return actual > 0 ? Double.POSITIVE_INFINITY : 1;
    }

    /** Whether what is more or less may still be chance. */
    public boolean holds() {
        return actual >= low && actual <= high;
    }

    /** Such as {@code prompt tokens 2.10x the plan's (1,075 instead of 512)}. */
    public String words() {
        return String.format(
                Locale.ROOT, "%s %.2fx the plan's (%s instead of %s)", name, ratio(), shown(actual), shown(planned));
    }

    private static String shown(final double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.3g", value);
    }
}
