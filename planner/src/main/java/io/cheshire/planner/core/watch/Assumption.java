package io.cheshire.planner.core.watch;

import java.util.Locale;

/**
 * One thing that a plan takes for granted, and what is so.
 *
 * @param name     for labels and people
 * @param planned  by the plan
 * @param actual   of the cluster
 * @param noise    by how much {@code actual} may be off by chance, as a share: few requests say little
 * @param patience beyond noise, so much more or less still holds, as a share of {@code planned}
 */
public record Assumption(String name, double planned, double actual, double noise, double patience) {
    /** Actual over planned; 1 where neither is anything. */
    public double ratio() {
        if (planned > 0) {
            return actual / planned;
        }
        return actual > 0 ? Double.POSITIVE_INFINITY : 1;
    }

    /** Whether what is more or less may still be chance. */
    public boolean holds() {
        final double ratio = ratio();
        final double room = 1 + patience + noise;
        return ratio <= room && ratio >= 1 / room;
    }

    /** Such as {@code prompt tokens 2.1x the plan's (1,075 instead of 512)}. */
    public String words() {
        return String.format(
                Locale.ROOT, "%s %.2fx the plan's (%s instead of %s)", name, ratio(), shown(actual), shown(planned));
    }

    private static String shown(final double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.3g", value);
    }
}
