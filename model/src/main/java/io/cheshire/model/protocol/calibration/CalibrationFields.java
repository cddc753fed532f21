package io.cheshire.model.protocol.calibration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One object of the file. What is missing or wrong adds a problem and yields a stand-in, so that one pass finds them
 * all; {@link #end} finds what nobody asked for.
 */
final class CalibrationFields {
    private static final int MAX_SHOWN_CHARS = 60;
    private static final String NOT_NEGATIVE = "a finite number that isn't negative";
    private static final String FINITE = "a finite number";
    /** As many problems as there never are: what isn't there is never sound. */
    private static final int NEVER = -1;

    private final ObjectNode json;
    private final String prefix;
    private final List<String> problems;
    private final int problemsBefore;
    private final Set<String> asked = new HashSet<>();

    CalibrationFields(final ObjectNode json, final String prefix, final List<String> problems) {
        this(json, prefix, problems, problems.size());
    }

    private CalibrationFields(
            final ObjectNode json, final String prefix, final List<String> problems, final int problemsBefore) {
        this.json = json;
        this.prefix = prefix;
        this.problems = problems;
        this.problemsBefore = problemsBefore;
    }

    /** A constant as files have it: {@code attention-decode}. */
    static String name(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean has(final String key) {
        return json.has(key);
    }

    /** Whether nothing was wrong since this was made. */
    boolean sound() {
        return problems.size() == problemsBefore;
    }

    private JsonNode node(final String key, final String must) {
        asked.add(key);
        final JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            problems.add(prefix + key + " is missing; it must be " + must);
        }
        return node;
    }

    private void wrong(final String key, final JsonNode node, final String must) {
        if (!node.isMissingNode()) {
            final String text = node.toString();
            problems.add(prefix + key + " is "
                    + (text.length() <= MAX_SHOWN_CHARS ? text : text.substring(0, MAX_SHOWN_CHARS) + "…")
                    + "; it must be " + must);
        }
    }

    long count(final String key, final long min, final long max) {
        final String must = "a whole number from " + min + " to " + max;
        final JsonNode node = node(key, must);
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < min || node.longValue() > max) {
            wrong(key, node, must);
            return min;
        }
        return node.longValue();
    }

    double notNegative(final String key) {
        return number(key, node(key, NOT_NEGATIVE), true);
    }

    double number(final String key) {
        return number(key, node(key, FINITE), false);
    }

    private double number(final String key, final JsonNode node, final boolean notNegative) {
        final double value = node.isNumber() ? node.doubleValue() : Double.NaN;
        if (!Double.isFinite(value) || (notNegative && value < 0)) {
            wrong(key, node, notNegative ? NOT_NEGATIVE : FINITE);
            return 0;
        }
        return value;
    }

    boolean flag(final String key) {
        final JsonNode node = node(key, "true or false");
        if (!node.isBoolean()) {
            wrong(key, node, "true or false");
        }
        return node.booleanValue();
    }

    String text(final String key) {
        final JsonNode node = node(key, "a string");
        if (!node.isTextual()) {
            wrong(key, node, "a string");
            return "";
        }
        return node.textValue();
    }

    CalibrationFields object(final String key) {
        final JsonNode node = node(key, "an object");
        if (node instanceof final ObjectNode object) {
            return new CalibrationFields(object, prefix + key + ".", problems);
        }
        wrong(key, node, "an object");
        // Its fields add nothing to that.
        return new CalibrationFields(JsonNodeFactory.instance.objectNode(), prefix, new ArrayList<>(), NEVER);
    }

    private Iterable<JsonNode> list(final String key, final JsonNode node) {
        final String must = "a list of at most " + CalibrationFile.MAX_ENTRIES;
        if (!node.isArray() || node.size() > CalibrationFile.MAX_ENTRIES) {
            wrong(key, node, must);
            return List.of();
        }
        return node;
    }

    /** May be absent. */
    List<CalibrationFields> objects(final String key) {
        asked.add(key);
        final List<CalibrationFields> objects = new ArrayList<>();
        if (!json.has(key)) {
            return objects;
        }
        for (final JsonNode node : list(key, json.get(key))) {
            final String name = key + "[" + objects.size() + "]";
            if (node instanceof final ObjectNode object) {
                objects.add(new CalibrationFields(object, prefix + name + ".", problems));
            } else {
                wrong(name, node, "an object");
            }
        }
        return objects;
    }

    List<Double> numbers(final String key) {
        final List<Double> numbers = new ArrayList<>();
        for (final JsonNode node : list(key, node(key, "a list of numbers"))) {
            numbers.add(number(key + "[" + numbers.size() + "]", node, true));
        }
        return numbers;
    }

    /** At least one number, each greater than the one before, or, unless {@code strictly}, the same. */
    List<Double> rising(final String key, final boolean strictly) {
        final List<Double> numbers = numbers(key);
        if (numbers.isEmpty()) {
            wrong(key, json.path(key), "a list of at least one number");
        }
        for (int i = 1; i < numbers.size(); i++) {
            final int order = Double.compare(numbers.get(i), numbers.get(i - 1));
            if (order < 0 || (strictly && order == 0)) {
                wrong(key + "[" + i + "]", json.get(key).get(i), "more than the one before it");
                break;
            }
        }
        return numbers;
    }

    void same(final String key, final List<Double> some, final String otherKey, final List<Double> others) {
        if (sound() && some.size() != others.size()) {
            problems.add(prefix + otherKey + " has " + others.size() + " entries; it must have one for each of the "
                    + some.size() + " in " + prefix + key);
        }
    }

    void atMostOne(final String key, final List<Double> rising) {
        if (sound() && rising.getLast() > 1) {
            wrong(key, json.get(key), "a list of probabilities from 0 to 1");
        }
    }

    List<String> texts(final String key) {
        final List<String> texts = new ArrayList<>();
        for (final JsonNode node : list(key, node(key, "a list of strings"))) {
            if (!node.isTextual()) {
                wrong(key + "[" + texts.size() + "]", node, "a string");
            }
            texts.add(node.asText());
        }
        return texts;
    }

    /** Names every field that nobody asked for. */
    void end() {
        json.fieldNames().forEachRemaining(name -> {
            if (!asked.contains(name)) {
                problems.add(prefix + name + " is unknown; remove it, or use the program that wrote it");
            }
        });
    }
}
