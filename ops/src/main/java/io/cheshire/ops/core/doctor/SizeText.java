package io.cheshire.ops.core.doctor;

import java.util.Locale;

/** SizeText for people. */
final class SizeText {
    private static final double KIB = 1 << 10;
    private static final double MIB = 1 << 20;
    private static final double GIB = 1 << 30;

    private SizeText() {}

    static String of(final long bytes) {
        if (bytes >= 10 * GIB) {
            return String.format(Locale.ROOT, "%.0f GiB", bytes / GIB);
        }
        if (bytes >= GIB) {
            return String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
        }
        return bytes >= MIB
                ? String.format(Locale.ROOT, "%.0f MiB", bytes / MIB)
                : String.format(Locale.ROOT, "%.0f KiB", bytes / KIB);
    }
}
