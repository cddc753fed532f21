package io.cheshire.settings;

import java.time.Duration;

/** Times and sizes as people write them in a configuration. */
public final class Units {
    private static final long[] UNIT_NS = {
        86_400_000_000_000L, 3_600_000_000_000L, 60_000_000_000L, 1_000_000_000L, 1_000_000L, 1_000L
    };
    private static final String[] TIMES = {"d", "h", "m", "s", "ms", "us"};
    private static final String[] SIZES = {"GiB", "MiB", "KiB"};
    private static final int LARGEST_SHIFT = 30;
    private static final int SHIFT_STEP = 10;

    private Units() {}

    /** In the largest unit that divides it, such as {@code 200 ms}. */
    public static String time(final Duration duration) {
        return time(duration.toNanos());
    }

    /** The same of nanoseconds. */
    public static String time(final long ns) {
        for (int i = 0; i < UNIT_NS.length; i++) {
            if (ns != 0 && ns % UNIT_NS[i] == 0) {
                return ns / UNIT_NS[i] + " " + TIMES[i];
            }
        }
        return ns == 0 ? "0 s" : ns + " ns";
    }

    /** In the largest unit that divides it, such as {@code 64 KiB}. */
    public static String size(final long bytes) {
        for (int i = 0; i < SIZES.length; i++) {
            final long unit = 1L << (LARGEST_SHIFT - SHIFT_STEP * i);
            if (bytes != 0 && bytes % unit == 0) {
                return bytes / unit + " " + SIZES[i];
            }
        }
        return bytes + " B";
    }
}
