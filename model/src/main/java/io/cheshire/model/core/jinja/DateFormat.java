package io.cheshire.model.core.jinja;

import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** {@code strftime} as glibc has it in the C locale, for a time without zone. */
final class DateFormat {
    private DateFormat() {}

    static String format(final String format, final LocalDateTime time) {
        final StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            if (format.charAt(i) != '%') {
                out.append(format.charAt(i));
                continue;
            }
            final boolean bare = i + 1 < format.length() && format.charAt(i + 1) == '-';
            final int at = i + (bare ? 2 : 1);
            if (at >= format.length()) {
                throw refused(format.substring(i));
            }
            out.append(directive(format.charAt(at), time, bare));
            i = at;
        }
        return out.toString();
    }

    private static TemplateFault refused(final String directive) {
        return TemplateFault.unsupported("the directive '" + directive + "' of strftime_now");
    }

    private static String directive(final char kind, final LocalDateTime time, final boolean bare) {
        return switch (kind) {
            case '%' -> "%";
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.US);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US);
            case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.US);
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.US);
            case 'd' -> number(time.getDayOfMonth(), 2, bare);
            case 'e' -> bare ? number(time.getDayOfMonth(), 1, true) : "%2d".formatted(time.getDayOfMonth());
            case 'm' -> number(time.getMonthValue(), 2, bare);
            case 'y' -> number(time.getYear() % 100, 2, bare);
            case 'Y' -> number(time.getYear(), 1, bare);
            case 'C' -> number(time.getYear() / 100, 2, bare);
            case 'H' -> number(time.getHour(), 2, bare);
            case 'I' -> number(time.get(ChronoField.CLOCK_HOUR_OF_AMPM), 2, bare);
            case 'M' -> number(time.getMinute(), 2, bare);
            case 'S' -> number(time.getSecond(), 2, bare);
            case 'f' -> number(time.getNano() / 1000, 6, false);
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'j' -> number(time.getDayOfYear(), 3, bare);
            case 'u' -> number(time.getDayOfWeek().getValue(), 1, bare);
            case 'w' -> number(time.getDayOfWeek().getValue() % 7, 1, bare);
            case 'G' -> number(time.get(IsoFields.WEEK_BASED_YEAR), 1, bare);
            case 'V' -> number(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR), 2, bare);
            case 'U' -> number((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7, 2, bare);
            case 'W' -> number((time.getDayOfYear() + 6 - (time.getDayOfWeek().getValue() + 6) % 7) / 7, 2, bare);
            case 'D', 'x' -> format("%m/%d/%y", time);
            case 'F' -> format("%Y-%m-%d", time);
            case 'T', 'X' -> format("%H:%M:%S", time);
            case 'R' -> format("%H:%M", time);
            case 'c' -> format("%a %b %e %H:%M:%S %Y", time);
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'z', 'Z' -> "";
            default -> throw refused("%" + kind);
        };
    }

    private static String number(final int value, final int digits, final boolean bare) {
        return bare ? Integer.toString(value) : ("%0" + digits + "d").formatted(value);
    }
}
