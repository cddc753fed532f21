package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one JSON object strictly and remembers which it knows, so that {@link #finish} can judge the
 * rest by name. JSON null counts as absent, whatever the field. Numbers must be JSON numbers, integers whole ones.
 */
final class FieldReader {
    private static final int SHOWN_NAME_CHARS = 64;
    private static final String SETTING = " (with cheshire.router.http.unknown-fields = ignore it is accepted)";

    private final ObjectNode node;
    private final String path;
    private final UnknownFields unknown;
    private final IgnoredFields ignored;
    private final Set<String> known = new HashSet<>();

    /** A reader that refuses unknown fields. */
    FieldReader(final ObjectNode node, final String path) {
        this(node, path, UnknownFields.REFUSE, new IgnoredFields());
    }

    /** {@code ignored} hears of what is accepted without effect. */
    FieldReader(final ObjectNode node, final String path, final UnknownFields unknown, final IgnoredFields ignored) {
        this.node = node;
        this.path = path;
        this.unknown = unknown;
        this.ignored = ignored;
    }

    /** A reader of an object within this one, which stands at {@code field}: {@code messages[3]}. */
    FieldReader within(final String field, final ObjectNode object) {
        return new FieldReader(object, nameOf(field), unknown, ignored);
    }

    /** The field's name as errors show it: {@code messages[3].role}. */
    String nameOf(final String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    @Nullable
    JsonNode get(final String field) {
        known.add(field);
        return peek(field);
    }

    /** Like {@link #get}, but {@link #finish} still judges the field. */
    @Nullable
    JsonNode peek(final String field) {
        final JsonNode value = node.get(field);
        return value == null || value.isNull() ? null : value;
    }

    /** The field is there, if only as null. */
    boolean has(final String field) {
        return node.has(field);
    }

    /** The field has no effect on this request, whatever it holds. */
    void ignore(final String field) {
        known.add(field);
        ignored.add(nameOf(field));
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
        if (!JsonValues.isInteger(value)) {
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
        if (!JsonValues.isLong(value)) {
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

    /** Refuses every field that nobody asked for; {@code unsupported} has better words for some of them. */
    void finish(final Map<String, String> unsupported) {
        for (final Map.Entry<String, JsonNode> field : node.properties()) {
            final String name = field.getKey();
            if (known.contains(name) || field.getValue().isNull()) {
                continue;
            }
            final String remedy = unsupported.get(name);
            if (remedy != null) {
                throw unsupported(name, field.getValue(), remedy);
            }
            judgeUnknown(name, field.getValue(), "");
        }
    }

    /** Judges every field that nobody asked for: by the table, or else by the rule for unknown ones. */
    void finish(final KnownFields.Place place) {
        for (final Map.Entry<String, JsonNode> field : node.properties()) {
            final String name = field.getKey();
            if (known.contains(name) || field.getValue().isNull()) {
                continue;
            }
            final KnownFields.Field listed = KnownFields.find(place, name);
            if (listed == null) {
                judgeUnknown(name, field.getValue(), SETTING);
            } else if (!listed.asksForNothing(field.getValue())) {
                judge(listed, field.getValue());
            }
        }
    }

    private void judge(final KnownFields.Field listed, final JsonNode value) {
        if (listed.hints().isEmpty()) {
            throw unsupported(listed.name(), value, listed.remedy());
        }
        if (listed.hints().stream().noneMatch(type -> type.holds(value))) {
            throw wrong(
                    listed.name(),
                    "must be "
                            + listed.hints().stream()
                                    .map(KnownFields.Type::words)
                                    .collect(Collectors.joining(" or ")));
        }
        ignored.add(nameOf(listed.name()));
    }

    private ApiException unsupported(final String name, final JsonNode value, final String remedy) {
        return new ApiException(ApiError.invalid(
                nameOf(name),
                "unsupported_parameter",
                nameOf(name) + " is " + JsonValues.shown(value, true) + ", which is not supported: " + remedy));
    }

    private void judgeUnknown(final String name, final JsonNode value, final String setting) {
        final String shown = nameOf(printable(name));
        switch (unknown) {
            case IGNORE -> ignored.add(shown);
            case REFUSE ->
                throw new ApiException(ApiError.invalid(
                        shown,
                        "unknown_parameter",
                        "Unknown field " + shown + ", " + JsonValues.shown(value, false)
                                + ": remove it, since nobody here knows what it asks for" + setting + "."));
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
