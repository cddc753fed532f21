package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** JSON values compared and described. Pure. */
final class JsonValues {
    private static final int SHOWN_CHARS = 32;
    private static final double MAX_EXACT_INTEGER = 0x1p53;

    private JsonValues() {}

    /**
     * Equal by meaning: numbers by value, members in any order, and a member that is null counts as absent. As deep as
     * the JSON gate lets a body be.
     */
    static boolean equal(final JsonNode left, final JsonNode right) {
        if (left.isNumber() && right.isNumber()) {
            if (left.isIntegralNumber() && right.isIntegralNumber()) {
                return left.bigIntegerValue().equals(right.bigIntegerValue());
            }
            return left.doubleValue() == right.doubleValue();
        }
        if (left.isObject() && right.isObject()) {
            return membersIn(left, right) && membersIn(right, left);
        }
        if (!left.isArray() || !right.isArray()) {
            return left.equals(right);
        }
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean membersIn(final JsonNode part, final JsonNode whole) {
        for (final Map.Entry<String, JsonNode> member : part.properties()) {
            final JsonNode other = whole.path(member.getKey());
            if (!member.getValue().isNull() && !equal(member.getValue(), other)) {
                return false;
            }
        }
        return true;
    }

    /** A whole number, written 5, 5.0 or 5e0: JSON doesn't tell them apart. */
    static boolean isInteger(final JsonNode value) {
        if (value.isIntegralNumber()) {
            return true;
        }
        final double number = value.doubleValue();
        return value.isNumber() && Math.abs(number) <= MAX_EXACT_INTEGER && number == Math.rint(number);
    }

    /** {@link #isInteger}, and within 64 bits. */
    static boolean isLong(final JsonNode value) {
        return isInteger(value) && value.canConvertToLong();
    }

    /**
     * A value as an error may repeat it. Strings are shown only if they are one short word and {@code showWords}:
     * longer ones, and those of fields that nobody knows, may be what a user wrote.
     */
    static String shown(final JsonNode value, final boolean showWords) {
        if (value.isTextual()) {
            final String text = value.textValue();
            return showWords && text.matches("[A-Za-z0-9_.:-]{1," + SHOWN_CHARS + "}")
                    ? '"' + text + '"'
                    : "a string of " + text.length() + " characters";
        }
        if (value.isArray()) {
            return "a list of " + value.size();
        }
        if (value.isObject()) {
            return "an object of " + value.size() + " members";
        }
        final String text = value.asText();
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...";
    }
}
