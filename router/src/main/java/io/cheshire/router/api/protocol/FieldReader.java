package io.cheshire.router.api.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one JSON object strictly and remembers which it knows, so that {@link #finish} can refuse the
 * rest by name. JSON null counts as absent. Numbers must be JSON numbers, integers JSON integers.
 */
final class FieldReader {
    private static final int SHOWN_NAME_CHARS = 64;

    private final ObjectNode node;
    private final String path;
    private final Set<String> known = new HashSet<>();

    FieldReader(final ObjectNode node, final String path) {
        this.node = node;
        this.path = path;
    }

    /** The field's name as errors show it: {@code messages[3].role}. */
    String nameOf(final String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    @Nullable
    JsonNode get(final String field) {
        known.add(field);
        final JsonNode value = node.get(field);
        return value == null || value.isNull() ? null : value;
    }

    @Nullable
    String text(final String field, final int maxChars) {
        final JsonNode value = get(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw wrong(field, "must be a string");
        }
        if (value.textValue().length() > maxChars) {
            throw wrong(field, "has " + value.textValue().length() + " characters; the limit is " + maxChars);
        }
        return value.textValue();
    }

    boolean bool(final String field, final boolean fallback) {
        final JsonNode value = get(field);
        if (value == null) {
            return fallback;
        }
        if (!value.isBoolean()) {
            throw wrong(field, "must be true or false");
        }
        return value.booleanValue();
    }

    int integer(final String field, final int fallback, final int low, final int high) {
        final Integer value = integerOrNull(field, low, high);
        return value == null ? fallback : value;
    }

    @Nullable
    Integer integerOrNull(final String field, final int low, final int high) {
        final JsonNode value = get(field);
        return value == null ? null : integerOf(value, nameOf(field), low, high);
    }

    static int integerOf(final JsonNode value, final String name, final int low, final int high) {
        if (!value.isIntegralNumber()) {
            throw ApiException.invalid(name, name + " must be an integer from " + low + " to " + high + ".");
        }
        if (!value.canConvertToInt() || value.intValue() < low || value.intValue() > high) {
            throw ApiException.invalid(
                    name, name + " is " + value.asText() + "; it must be from " + low + " to " + high + ".");
        }
        return value.intValue();
    }

    @Nullable
    Long longOrNull(final String field) {
        final JsonNode value = get(field);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrong(field, "must be a 64-bit integer");
        }
        return value.longValue();
    }

    double number(final String field, final double fallback, final double low, final double high) {
        final JsonNode value = get(field);
        return value == null ? fallback : numberOf(value, nameOf(field), low, high);
    }

    static double numberOf(final JsonNode value, final String name, final double low, final double high) {
        if (!value.isNumber()) {
            throw ApiException.invalid(name, name + " must be a number from " + low + " to " + high + ".");
        }
        final double number = value.doubleValue();
        if (!(number >= low && number <= high)) {
            throw ApiException.invalid(name, name + " is " + number + "; it must be from " + low + " to " + high + ".");
        }
        return number;
    }

    ApiException wrong(final String field, final String what) {
        return ApiException.invalid(nameOf(field), nameOf(field) + " " + what + ".");
    }

    /** Refuses every field that nobody asked for; {@code unsupported} has better words for those that OpenAI knows. */
    void finish(final Map<String, String> unsupported) {
        for (final Map.Entry<String, JsonNode> field : node.properties()) {
            final String name = field.getKey();
            if (known.contains(name)) {
                continue;
            }
            final String reason = unsupported.get(name);
            if (reason != null) {
                if (!field.getValue().isNull()) {
                    throw new ApiException(ApiError.invalid(
                            nameOf(name), "unsupported_parameter", nameOf(name) + " is not supported: " + reason));
                }
                continue;
            }
            final String shown = printable(name);
            throw new ApiException(ApiError.invalid(
                    nameOf(shown), "unknown_parameter", "Unknown field " + nameOf(shown) + "; remove it."));
        }
    }

    /** A name fit for a message: short, and only letters, digits and a few signs. */
    private static String printable(final String name) {
        final StringBuilder out = new StringBuilder();
        for (int i = 0; i < Math.min(name.length(), SHOWN_NAME_CHARS); i++) {
            final char c = name.charAt(i);
            final boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            out.append(plain || c == '_' || c == '-' || c == '.' ? c : '?');
        }
        return out.toString();
    }
}
