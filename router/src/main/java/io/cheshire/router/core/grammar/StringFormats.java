package io.cheshire.router.core.grammar;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code format} of JSON Schema stands for, as regular expressions; some allow less than their RFC. */
final class StringFormats {
    private static final String LEAP =
            "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29";
    private static final String DATE = "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|" + LEAP + ")";
    private static final String CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?";
    private static final String TIME = CLOCK + "(?:Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9])";
    /** Without -00:00, an unknown offset, which not all who read moments take. */
    private static final String MOMENT = DATE + "T" + CLOCK + "(?:Z|\\+(?:0[0-9]|1[0-7]):[0-5][0-9]"
            + "|-(?:(?:0[1-9]|1[0-7]):[0-5][0-9]|00:(?:0[1-9]|[1-5][0-9])))";

    private static final String LABEL = label(58);
    private static final String SHORT_LABEL = label(27);
    private static final String HOST = LABEL + "(?:\\." + LABEL + "){0,2}";
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String IPV4 = BYTE + "(?:\\." + BYTE + "){3}";
    private static final String HEX = "[0-9a-fA-F]{1,4}";
    private static final String DURATION_TIME = "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)";
    private static final String DURATION_DATE = "(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)";

    private static final Map<String, String> PATTERNS = Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            MOMENT,
            "duration",
            "P(?:" + DURATION_DATE + "(?:" + DURATION_TIME + ")?|" + DURATION_TIME + "|[0-9]+W)",
            "email",
            "[A-Za-z0-9_+-]{1,20}(?:\\.[A-Za-z0-9_+-]{1,20}){0,2}@" + SHORT_LABEL + "\\.(?:" + SHORT_LABEL
                    + "\\.)?[A-Za-z]{2,20}",
            "hostname",
            HOST,
            "ipv4",
            IPV4,
            "ipv6",
            ipv6(),
            "uuid",
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
            "uri",
            "[a-zA-Z][a-zA-Z0-9+.-]*://" + HOST + "(?::[0-9]{1,4})?(?:/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*"
                    + "(?:\\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?(?:#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?");

    private StringFormats() {}

    /**
     * Part of a host's name. None has hyphens in its third and fourth place: those stand for letters beyond ASCII, and
     * which of them are right no expression can say.
     */
    private static String label(final int mostInside) {
        final String letter = "[A-Za-z0-9]";
        final String any = "[A-Za-z0-9-]";
        final String rest = any + "{0," + mostInside + "}" + letter;
        return letter + "(?:" + letter + "|" + any + letter + "|" + any + "(?:" + any + letter + "(?:" + rest + ")?|"
                + letter + "-" + rest + "))?";
    }

    private static String ipv6() {
        final StringBuilder all = new StringBuilder("(?:(?:" + HEX + ":){7}" + HEX + "|::");
        for (int before = 0; before <= 6; before++) {
            final int behind = 6 - before;
            final String first = before == 0 ? "" : HEX + "(?::" + HEX + "){" + (before - 1) + "}";
            all.append('|').append(first).append("::").append(HEX);
            all.append("(?::").append(HEX).append("){0,").append(behind).append('}');
            if (before > 0) {
                all.append('|').append(first).append("::");
            }
        }
        return all.append(')').toString();
    }

    /** The expression, to be matched from start to end, or null: not served. */
    static @Nullable String pattern(final String format) {
        return PATTERNS.get(format);
    }

    /** All that are served. */
    static String names() {
        return String.join(", ", PATTERNS.keySet().stream().sorted().toList());
    }
}
