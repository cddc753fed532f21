package io.cheshire.chaos.experiment.core;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as files and reports write them: {@code 500ms}, {@code 2.5s}, {@code 2m}. */
public final class FileTimes {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?) ?(ms|s|m)");
    private static final double MS_PER_SECOND = 1000;
    private static final double MS_PER_MINUTE = 60_000;

    private FileTimes() {}

    /** The time that is written, if it is one. */
    public static Optional<Duration> parse(final String text) {
        final Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            return Optional.empty();
        }
        final double unitMs = switch (time.group(2)) {
            case "ms" -> 1;
            case "s" -> MS_PER_SECOND;
            default -> MS_PER_MINUTE;
        };
        return Optional.of(Duration.ofNanos(Math.round(Double.parseDouble(time.group(1)) * unitMs * 1e6)));
    }

    /** A time for people: below a second in milliseconds, else in seconds. */
    public static String format(final Duration time) {
        return formatMs(time.toNanos() / 1e6);
    }

    /** The same of milliseconds. */
    public static String formatMs(final double ms) {
        if (Math.abs(ms) < MS_PER_SECOND) {
            return String.format(Locale.ROOT, Math.abs(ms) < 10 && ms != Math.rint(ms) ? "%.1f ms" : "%.0f ms", ms);
        }
        return String.format(
                Locale.ROOT, ms == Math.rint(ms / MS_PER_SECOND) * MS_PER_SECOND ? "%.0f s" : "%.2f s", ms / 1000);
    }
}
