package io.cheshire.model.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Typed reading of one JSON object. A field that is missing, of the wrong type or out of range adds a problem and
 * yields a sentinel (0, NaN, null), so that one pass finds every problem.
 */
final class ConfigFields {
    private static final int MAX_SHOWN_CHARS = 60;

    private final ObjectNode json;
    private final String prefix;
    private final List<String> problems;

    ConfigFields(final ObjectNode json, final String prefix, final List<String> problems) {
        this.json = json;
        this.prefix = prefix;
        this.problems = problems;
    }

    /** The field, or null where it is absent or JSON null. */
    @Nullable
    JsonNode find(final String key) {
        final JsonNode node = json.get(key);
        return node == null || node.isNull() ? null : node;
    }

    /** Members, those that are null among them. */
    int size() {
        return json.size();
    }

    boolean has(final String key) {
        return find(key) != null;
    }

    void problem(final String key, final String text) {
        problems.add(prefix + key + " " + text);
    }

    /** A required integer in {@code [1, max]}; 0 if it is not one. */
    int count(final String key, final int max) {
        final JsonNode node = find(key);
        if (node == null) {
            problem(key, "is missing; the model's published config.json states it");
            return 0;
        }
        return integer(key, node, 1, max, 0);
    }

    /** An optional integer in {@code [min, max]}; {@code absent} if it isn't there, {@code bad} if it is wrong. */
    int optionalInteger(final String key, final int min, final int max, final int absent, final int bad) {
        final JsonNode node = find(key);
        return node == null ? absent : integer(key, node, min, max, bad);
    }

    int integer(final String key, final JsonNode node, final int min, final int max, final int bad) {
        if (!node.isIntegralNumber()) {
            problem(key, "is " + shown(node) + "; it must be an integer between " + min + " and " + max);
            return bad;
        }
        if (!node.canConvertToInt() || node.intValue() < min || node.intValue() > max) {
            problem(key, "is " + shown(node) + "; it must be between " + min + " and " + max);
            return bad;
        }
        return node.intValue();
    }

    /** A required finite number greater than zero and at most {@code max}; NaN if it is not one. */
    double positive(final String key, final double max, final String ifMissing) {
        final JsonNode node = find(key);
        if (node == null) {
            problem(key, "is missing; " + ifMissing);
            return Double.NaN;
        }
        return number(key, node, max);
    }

    /** A required finite number that is zero or more and at most {@code max}; NaN if it is not one. */
    double notNegative(final String key, final double max, final String ifMissing) {
        final JsonNode node = find(key);
        if (node == null) {
            problem(key, "is missing; " + ifMissing);
            return Double.NaN;
        }
        final double value = node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!(value >= 0 && value <= max)) {
            problem(key, "is " + shown(node) + "; it must be a number from 0 to " + max);
            return Double.NaN;
        }
        return value;
    }

    double number(final String key, final JsonNode node, final double max) {
        final double value = node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!(value > 0 && value <= max)) {
            problem(key, "is " + shown(node) + "; it must be a number greater than 0 and at most " + max);
            return Double.NaN;
        }
        return value;
    }

    /** A factor that is served for the value 1 only, which is what it is where it is absent. */
    void requireOne(final String key, final String why) {
        final JsonNode node = find(key);
        if (node != null && !(node.isNumber() && node.doubleValue() == 1)) {
            problem(key, "is " + shown(node) + "; only 1 is served: " + why);
        }
    }

    boolean flag(final String key, final boolean absent) {
        final JsonNode node = find(key);
        if (node == null) {
            return absent;
        }
        if (!node.isBoolean()) {
            problem(key, "is " + shown(node) + "; it must be true or false");
            return absent;
        }
        return node.booleanValue();
    }

    /** A string, or null where it is absent or of another type (which adds a problem). */
    @Nullable
    String text(final String key) {
        final JsonNode node = find(key);
        if (node == null) {
            return null;
        }
        if (!node.isTextual()) {
            problem(key, "is " + shown(node) + "; it must be a string");
            return null;
        }
        return node.textValue();
    }

    /** A nested object, or null where it is absent or of another type (which adds a problem). */
    @Nullable
    ConfigFields object(final String key) {
        final JsonNode node = find(key);
        if (node == null) {
            return null;
        }
        if (node instanceof final ObjectNode object) {
            return new ConfigFields(object, prefix + key + ".", problems);
        }
        problem(key, "is " + shown(node) + "; it must be an object or null");
        return null;
    }

    /** A required list of {@code length} finite numbers greater than zero. */
    List<Double> factors(final String key, final int length) {
        final JsonNode node = find(key);
        if (node == null || !node.isArray()) {
            problem(
                    key,
                    (node == null ? "is missing" : "is " + shown(node)) + "; it must be a list of " + length
                            + " numbers, one per frequency pair");
            return List.of();
        }
        if (node.size() != length) {
            problem(key, "has " + node.size() + " entries; it must have head_dim / 2 = " + length);
            return List.of();
        }
        final List<Double> factors = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            factors.add(number(key + "[" + i + "]", node.get(i), Float.MAX_VALUE));
        }
        return factors;
    }

    /** An integer or a list of integers in {@code [0, max]}; empty where absent. */
    List<Integer> ids(final String key, final int max) {
        final JsonNode node = find(key);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            return List.of(integer(key, node, 0, max, 0));
        }
        final List<Integer> ids = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            ids.add(integer(key + "[" + i + "]", node.get(i), 0, max, 0));
        }
        return ids;
    }

    static String shown(final JsonNode node) {
        final String text = node.toString();
        return text.length() <= MAX_SHOWN_CHARS ? text : text.substring(0, MAX_SHOWN_CHARS) + "…";
    }
}
