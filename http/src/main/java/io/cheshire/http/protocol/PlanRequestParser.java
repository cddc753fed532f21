package io.cheshire.http.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what the console asks of a planner: bounded bodies, known fields only, figures in bounds, and words that can
 * name neither a file nor a setting. Thread-safe.
 */
public final class PlanRequestParser {
    /** Longest body in bytes. */
    public static final int MAX_BODY_BYTES = 8 << 10;

    /** Most entries of a list. */
    public static final int MOST_ENTRIES = 16;

    private static final int WORD_CHARS = 48;
    private static final String WORD = "[A-Za-z0-9][A-Za-z0-9._-]*";

    /** Figures and their bounds. */
    private static final Map<String, Bounds> NUMBERS = Map.ofEntries(
            Map.entry("rate", new Bounds(1e-6, 1e6)),
            Map.entry("prompt", new Bounds(1, 1 << 20)),
            Map.entry("output", new Bounds(1, 1 << 20)),
            Map.entry("prefixTokens", new Bounds(0, 1 << 20)),
            Map.entry("routingAlpha", new Bounds(0, 3)),
            Map.entry("ttftP95Ms", new Bounds(0.01, 1e7)),
            Map.entry("itlP99Ms", new Bounds(0.01, 1e7)),
            Map.entry("goodput", new Bounds(0, 1)),
            Map.entry("availability", new Bounds(0, 1)),
            Map.entry("nodeCost", new Bounds(0, 1e6)),
            Map.entry("routerCost", new Bounds(0, 1e6)));

    /** Lists of whole numbers and the bounds of each. */
    private static final Map<String, Bounds> COUNTS = Map.of(
            "nodes", new Bounds(1, 64),
            "replicas", new Bounds(1, 8),
            "routers", new Bounds(1, 8),
            "lanes", new Bounds(1, 8),
            "spares", new Bounds(0, 64),
            "cells", new Bounds(1, 1_000),
            "racks", new Bounds(0, 64));

    private static final List<String> WORDS = List.of("nodeClass", "routerClass", "survives", "failures");

    /** What the planner calls an uploaded trace. */
    private static final String TRACE_ID = "[0-9a-f]{16}";

    private final RequestJson json;

    private record Bounds(double low, double high) {}

    /** @param limits of JSON in general */
    public PlanRequestParser(final HttpLimits.Json limits) {
        this.json = new RequestJson(limits);
    }

    /**
     * A form.
     *
     * @param target what to emit it as, or an empty text
     */
    public record Form(
            Map<String, Double> numbers, Map<String, List<Integer>> counts, Map<String, String> words, String target) {}

    /** {@code {"rate":20,"nodes":[8,16],"nodeClass":"h200","survives":"rack"}}; with {@code target}: to be emitted. */
    public Form form(final byte[] body, final boolean isEmitted) {
        final FieldReader fields = new FieldReader(json.parseObject(body), "");
        final Map<String, Double> numbers = new LinkedHashMap<>();
        NUMBERS.forEach((name, bounds) -> {
            if (fields.get(name) != null) {
                numbers.put(name, fields.number(name, 0, bounds.low(), bounds.high()));
            }
        });
        final Map<String, List<Integer>> counts = new LinkedHashMap<>();
        COUNTS.forEach((name, bounds) -> {
            final JsonNode list = fields.get(name);
            if (list != null) {
                counts.put(name, counts(list, name, bounds));
            }
        });
        final Map<String, String> words = new LinkedHashMap<>();
        WORDS.forEach(name -> {
            final String word = word(fields, name);
            if (!word.isEmpty()) {
                words.put(name, word);
            }
        });
        final String trace = word(fields, "trace");
        if (!trace.isEmpty()) {
            if (!trace.matches(TRACE_ID)) {
                throw ApiException.invalid("trace", "trace must be the id that the upload of one was answered with.");
            }
            words.put("trace", trace);
        }
        final String target = isEmitted ? word(fields, "target") : "";
        if (isEmitted && target.isEmpty()) {
            throw ApiException.invalid("target", "target is missing; send helm, hocon or local-cluster.");
        }
        fields.finish(Map.of());
        return new Form(numbers, counts, words, target);
    }

    private static List<Integer> counts(final JsonNode list, final String name, final Bounds bounds) {
        if (!list.isArray() || list.isEmpty() || list.size() > MOST_ENTRIES) {
            throw ApiException.invalid(
                    name, name + " must be a list of 1 to " + MOST_ENTRIES + " whole numbers, such as [8, 16].");
        }
        final List<Integer> read = new ArrayList<>();
        list.forEach(each -> read.add(FieldReader.integerOf(each, name, (int) bounds.low(), (int) bounds.high())));
        return List.copyOf(read);
    }

    private static String word(final FieldReader fields, final String name) {
        final String word = fields.text(name, WORD_CHARS);
        if (word == null) {
            return "";
        }
        if (!word.matches(WORD)) {
            throw ApiException.invalid(name, name + " must be a word of letters, digits, dots and dashes.");
        }
        return word;
    }
}
