package io.cheshire.planner.runtime.plan;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rates as people write them. */
final class PlanRates {
    private static final Pattern PER_TIME = Pattern.compile("([0-9.eE+]+)\\s*(?:/\\s*(s|min|h|day))?");
    private static final Pattern BITS = Pattern.compile("([0-9.]+)\\s*([kMGT]?)(b|B)(?:it)?/s");
    private static final Map<String, Double> SECONDS = Map.of("s", 1.0, "min", 60.0, "h", 3_600.0, "day", 86_400.0);
    private static final Map<String, Double> FACTORS = Map.of("", 1.0, "k", 1e3, "M", 1e6, "G", 1e9, "T", 1e12);

    private PlanRates() {}

    /** Requests a second of {@code 40}, {@code 40/s} or {@code 10e6/day}. */
    static double perSecond(final String text) {
        final Matcher found = PER_TIME.matcher(text.strip());
        if (!found.matches()) {
            throw new IllegalArgumentException(text);
        }
        final String unit = found.group(2) == null ? "s" : found.group(2);
        final double rate = Double.parseDouble(found.group(1)) / SECONDS.getOrDefault(unit, 1.0);
        if (!(rate > 0 && rate < 1e9)) {
            throw new IllegalArgumentException(text);
        }
        return rate;
    }

    /** Bytes a second of {@code 100Gb/s} (bits) or {@code 12.5GB/s} (bytes). */
    static double bytesPerSecond(final String text) {
        final Matcher found = BITS.matcher(text.strip());
        if (!found.matches()) {
            throw new IllegalArgumentException(text);
        }
        final double rate = Double.parseDouble(found.group(1)) * FACTORS.getOrDefault(found.group(2), 1.0);
        if (!(rate > 0)) {
            throw new IllegalArgumentException(text);
        }
        return "b".equals(found.group(3)) ? rate / 8 : rate;
    }
}
