package io.cheshire.planner.core.report;

import io.cheshire.planner.core.screen.PredictionInterval;
import io.cheshire.planner.core.screen.SizeWords;
import java.util.Locale;

/** Figures as people read them. */
public final class Figures {
    private Figures() {}

    /** Three digits that count. */
    public static String plain(final double value) {
        if (Double.isInfinite(value)) {
            return "without end";
        }
        final double size = Math.abs(value);
        if (size >= 1_000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(
                Locale.ROOT,
                size >= 100 || size == 0 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f",
                value);
    }

    /** A time of so many ms. */
    public static String ms(final double ms) {
        return Double.isInfinite(ms) ? "without end" : ms >= 10_000 ? plain(ms / 1_000) + " s" : plain(ms) + " ms";
    }

    /** A time of so many seconds. */
    public static String seconds(final double seconds) {
        if (Double.isInfinite(seconds)) {
            return "without end";
        }
        if (seconds >= 172_800) {
            return plain(seconds / 86_400) + " d";
        }
        if (seconds >= 7_200) {
            return plain(seconds / 3_600) + " h";
        }
        return seconds >= 0.01 || seconds == 0 ? plain(seconds) + " s" : plain(1e3 * seconds) + " ms";
    }

    /** A prediction of ms with its interval. */
    public static String ms(final PredictionInterval interval) {
        return Double.isInfinite(interval.mid())
                ? "without end"
                : ms(interval.mid()) + " (" + plain(interval.low()) + " to " + plain(interval.high()) + ")";
    }

    /** The same of other figures. */
    public static String of(final PredictionInterval interval) {
        return plain(interval.mid()) + " (" + plain(interval.low()) + " to " + plain(interval.high()) + ")";
    }

    public static String percent(final double share) {
        return plain(100 * share) + " %";
    }

    /** With as many nines as it has, and two digits more. */
    public static String nines(final double share) {
        if (share >= 1) {
            return "100 %";
        }
        final int digits = (int) Math.clamp(Math.ceil(-Math.log10(1 - share)), 1, 10);
        return String.format(Locale.ROOT, "%." + digits + "f %%", 100 * share);
    }

    /** A size in the unit that fits it. */
    public static String bytes(final double bytes) {
        return SizeWords.of(bytes);
    }

    public static String yes(final boolean yes) {
        return yes ? "yes" : "no";
    }
}
