package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares values that a schema names. Sets have texts, not nodes: those have an order, so that a set stays fast where
 * a client chose values whose hashes are the same.
 */
final class SchemaValues {
    /** So many characters are read in one step. */
    private static final int CHARS_PER_STEP = 16;

    private final SchemaSteps steps;

    SchemaValues(final SchemaSteps steps) {
        this.steps = steps;
    }

    /** Each value as a text that is the same for equal ones only: 1 and 1.0 are, and members have no order. */
    Set<String> keys(final Iterable<JsonNode> values) {
        return byKey(values).keySet();
    }

    private Map<String, JsonNode> byKey(final Iterable<JsonNode> values) {
        final Map<String, JsonNode> all = new LinkedHashMap<>();
        for (final JsonNode value : values) {
            final StringBuilder key = new StringBuilder();
            write(value, key);
            steps.take(1 + key.length() / CHARS_PER_STEP);
            all.putIfAbsent(key.toString(), value);
        }
        return all;
    }

    private static void write(final JsonNode value, final StringBuilder to) {
        if (value.isObject()) {
            final Map<String, JsonNode> sorted = new TreeMap<>();
            value.properties().forEach(member -> sorted.put(member.getKey(), member.getValue()));
            to.append('{').append(sorted.size());
            sorted.forEach((name, inner) -> {
                to.append(' ').append(name.length()).append(' ').append(name);
                write(inner, to);
            });
        } else if (value.isArray()) {
            to.append('[').append(value.size());
            value.forEach(inner -> write(inner, to));
        } else if (value.isTextual()) {
            to.append('"').append(value.textValue().length()).append(' ').append(value.textValue());
        } else {
            to.append(' ').append(value.isNumber() ? value.decimalValue().stripTrailingZeros() : value.asText());
        }
    }

    /** Values of both lists. */
    JsonNode common(final JsonNode left, final JsonNode right) {
        if (isOne(left, right)) {
            return left;
        }
        final Map<String, JsonNode> both = byKey(left);
        both.keySet().retainAll(keys(right));
        return JsonNodeFactory.instance.arrayNode().addAll(both.values());
    }

    /** Texts of either, each a text or a list of texts. */
    JsonNode union(final JsonNode left, final JsonNode right) {
        if (isOne(left, right)) {
            return left;
        }
        final Set<String> all = new LinkedHashSet<>();
        for (final JsonNode side : List.of(left, right)) {
            for (final JsonNode text : SchemaMerge.elements(side)) {
                all.add(text.asText());
            }
        }
        steps.take(all.size());
        final ArrayNode list = JsonNodeFactory.instance.arrayNode();
        all.forEach(list::add);
        return list;
    }

    /** What is referred to often meets itself: nothing is compared then. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isOne(final JsonNode left, final JsonNode right) {
        return left == right;
    }

    /** They say the same, letter by letter. */
    boolean areSame(final JsonNode left, final JsonNode right) {
        if (isOne(left, right)) {
            return true;
        }
        steps.take(1);
        if (left.size() != right.size() || left.getNodeType() != right.getNodeType()) {
            return false;
        }
        if (left.isObject()) {
            for (final Map.Entry<String, JsonNode> member : left.properties()) {
                final JsonNode other = right.get(member.getKey());
                if (other == null || !areSame(member.getValue(), other)) {
                    return false;
                }
            }
            return true;
        }
        if (left.isArray()) {
            final Iterator<JsonNode> others = right.iterator();
            for (final JsonNode one : left) {
                if (!areSame(one, others.next())) {
                    return false;
                }
            }
            return true;
        }
        return left.equals(right);
    }
}
