package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Two schemas that hold at once as one, keyword by keyword; what can't be joined so is refused. What stands below is
 * joined later, by {@code allOf}. Neither of the two combines others any more, and neither is changed.
 */
final class SchemaMerge {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final GrammarLimits limits;
    private final SchemaSteps steps;
    private final SchemaValues values;

    SchemaMerge(final GrammarLimits limits, final SchemaSteps steps) {
        this.limits = limits;
        this.steps = steps;
        values = new SchemaValues(steps);
    }

    /** The joined one; null if no value can match both. */
    @Nullable
    ObjectNode merge(final ObjectNode left, final ObjectNode right, final String place) {
        steps.take(1 + left.size() + right.size());
        final ObjectNode merged = JSON.objectNode().setAll(left);
        for (final Map.Entry<String, JsonNode> member : right.properties()) {
            final String name = member.getKey();
            final JsonNode other = merged.get(name);
            if (other == null) {
                merged.set(name, member.getValue());
            } else if (SchemaKeywords.of(JSON.objectNode().set(name, other), place)
                    .contains(name)) {
                merged.set(name, joined(name, other, member.getValue(), place));
            }
        }
        if (left.has("const") && right.has("const") && !values.areSame(left.get("const"), right.get("const"))) {
            return null;
        }
        joinProperties(merged, left, right, place);
        joinItems(merged, left, right);
        final boolean isEmpty =
                merged.path("type").isArray() && merged.get("type").isEmpty();
        return isEmpty || (merged.path("enum").isArray() && merged.get("enum").isEmpty()) ? null : merged;
    }

    private JsonNode joined(final String name, final JsonNode left, final JsonNode right, final String place) {
        return switch (name) {
            case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties" ->
                left.decimalValue().compareTo(right.decimalValue()) >= 0 ? left : right;
            case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties" ->
                left.decimalValue().compareTo(right.decimalValue()) <= 0 ? left : right;
            case "type" -> types(left, right);
            case "enum" -> values.common(left, right);
            case "pattern" -> values.union(left, right);
            case "required" -> required(left, right, place);
            case "properties", "additionalProperties", "items", "prefixItems", "const" -> left;
            default -> {
                if (!values.areSame(left, right)) {
                    throw new GrammarException(
                            place, "has two different " + name + " that hold at once, which isn't served; join them");
                }
                yield left;
            }
        };
    }

    private static JsonNode types(final JsonNode left, final JsonNode right) {
        final Set<String> ours = new LinkedHashSet<>();
        final Set<String> theirs = new LinkedHashSet<>();
        elements(left).forEach(type -> ours.add(type.asText()));
        elements(right).forEach(type -> theirs.add(type.asText()));
        final ArrayNode both = JSON.arrayNode();
        for (final String type : SchemaKeywords.TYPES) {
            final boolean isOurs = ours.contains(type) || (type.equals("integer") && ours.contains("number"));
            final boolean isTheirs = theirs.contains(type) || (type.equals("integer") && theirs.contains("number"));
            if (isOurs && isTheirs) {
                both.add(type);
            }
        }
        return both;
    }

    private JsonNode required(final JsonNode left, final JsonNode right, final String place) {
        final JsonNode all = values.union(left, right);
        SchemaForms.refuseBeyond(limits.properties(), all.size(), "required", place);
        return all;
    }

    /** A list's elements, or the one value that stands for a list. */
    static List<JsonNode> elements(final JsonNode value) {
        if (!value.isArray()) {
            return List.of(value);
        }
        final List<JsonNode> all = new ArrayList<>();
        value.forEach(all::add);
        return all;
    }

    /** A property of one side must also be what the other side lets further properties be. */
    private void joinProperties(
            final ObjectNode merged, final ObjectNode left, final ObjectNode right, final String place) {
        final JsonNode moreLeft = left.get("additionalProperties");
        final JsonNode moreRight = right.get("additionalProperties");
        final boolean hasPatterns = left.has("patternProperties") || right.has("patternProperties");
        if (hasPatterns
                && (moreLeft != null || moreRight != null || (left.has("properties") && right.has("properties")))) {
            throw new GrammarException(
                    place, "has patternProperties in one of several schemas that hold at once; join them");
        }
        if (moreLeft != null && moreRight != null) {
            merged.set("additionalProperties", allOf(moreLeft, moreRight));
        }
        if (!left.has("properties") && !right.has("properties")) {
            return;
        }
        final ObjectNode properties = JSON.objectNode();
        final JsonNode ours = left.path("properties");
        final JsonNode theirs = right.path("properties");
        steps.take(ours.size() + theirs.size());
        for (final Map.Entry<String, JsonNode> member : ours.properties()) {
            final JsonNode other = theirs.get(member.getKey());
            properties.set(member.getKey(), allOf(member.getValue(), other != null ? other : moreRight));
        }
        for (final Map.Entry<String, JsonNode> member : theirs.properties()) {
            if (!ours.has(member.getKey())) {
                properties.set(member.getKey(), allOf(member.getValue(), moreLeft));
            }
        }
        SchemaForms.refuseBeyond(limits.properties(), properties.size(), "properties", place);
        merged.set("properties", properties);
    }

    private void joinItems(final ObjectNode merged, final ObjectNode left, final ObjectNode right) {
        final JsonNode restLeft = left.get("items");
        final JsonNode restRight = right.get("items");
        if (restLeft != null && restRight != null) {
            merged.set("items", allOf(restLeft, restRight));
        }
        final int count = Math.max(
                left.path("prefixItems").size(), right.path("prefixItems").size());
        if (count == 0) {
            return;
        }
        steps.take(count);
        final ArrayNode items = JSON.arrayNode();
        for (int i = 0; i < count; i++) {
            final JsonNode ours = left.path("prefixItems").get(i);
            final JsonNode theirs = right.path("prefixItems").get(i);
            items.add(allOf(
                    ours != null ? ours : restLeft != null ? restLeft : BooleanNode.TRUE,
                    theirs != null ? theirs : restRight));
        }
        merged.set("prefixItems", items);
    }

    private JsonNode allOf(final JsonNode left, final @Nullable JsonNode right) {
        if (right == null || values.areSame(left, right) || (right.isBoolean() && right.booleanValue())) {
            return left;
        }
        if (left.isBoolean()) {
            return left.booleanValue() ? right : left;
        }
        final ObjectNode both = JSON.objectNode();
        both.putArray("allOf").add(left).add(right);
        return both;
    }

    /** Types that a schema without references allows. */
    static Set<String> typesOf(final JsonNode schema) {
        final Set<String> types = new LinkedHashSet<>();
        if (schema.has("type")) {
            elements(schema.get("type")).forEach(type -> types.add(type.asText()));
        } else if (schema.has("const") || schema.has("enum")) {
            for (final JsonNode value :
                    schema.has("const") ? List.of(schema.get("const")) : elements(schema.get("enum"))) {
                types.add(typeOf(value));
            }
        } else {
            types.addAll(SchemaKeywords.GENERAL_TYPES);
        }
        return types;
    }

    static String typeOf(final JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT, POJO -> "object";
            case ARRAY -> "array";
            case BOOLEAN -> "boolean";
            case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
            case STRING, BINARY -> "string";
            case NULL, MISSING -> "null";
        };
    }

    /** The values that a schema names one by one; null if it doesn't. */
    static @Nullable List<JsonNode> valuesOf(final JsonNode schema) {
        return schema.has("const")
                ? List.of(schema.get("const"))
                : schema.path("enum").isArray() ? elements(schema.get("enum")) : null;
    }

    /** For messages: a text of the schema as it stands in a path. */
    static String step(final String name) {
        final String text =
                TextNode.valueOf(name).textValue().replace("~", "~0").replace("/", "~1");
        return "/" + (text.matches("[A-Za-z0-9_$.~-]{1,64}") ? text : "?");
    }
}
