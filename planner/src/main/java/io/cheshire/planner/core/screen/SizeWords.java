package io.cheshire.planner.core.screen;

import java.util.Locale;

/** Bytes as people read them. */
public final class SizeWords {
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB"};
    private static final double STEP = 1_024;

    private SizeWords() {}

    /** In the largest binary unit of which there is one: {@code 4.7 GiB}, {@code 390.0 KiB}, {@code 12 B}. */
    public static String of(final double bytes) {
        double left = Math.abs(bytes);
        if (left < STEP) {
            return String.format(Locale.ROOT, "%.0f B", bytes);
        }
        int unit = -1;
        // What would be shown as 1024.0 of a unit is one of the next.
        while (unit < 0 || (left >= STEP - 0.05 && unit < UNITS.length - 1)) {
            left /= STEP;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", Math.copySign(left, bytes), UNITS[unit]);
    }
}
