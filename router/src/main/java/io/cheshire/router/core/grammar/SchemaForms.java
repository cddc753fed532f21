package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** Whether the keywords of a schema have what they must have, in sizes that are served. Comes before all other work. */
final class SchemaForms {
    private final GrammarLimits limits;
    private final SchemaSteps steps;

    SchemaForms(final GrammarLimits limits, final SchemaSteps steps) {
        this.limits = limits;
        this.steps = steps;
    }

    /** The keywords that say something about a value; refuses, by name, what isn't served or too large. */
    Set<String> check(final ObjectNode schema, final String place) {
        steps.take(1 + schema.size());
        final Set<String> keywords = SchemaKeywords.of(schema, place);
        for (final String keyword : keywords) {
            check(keyword, schema.get(keyword), place);
        }
        return keywords;
    }

    private void check(final String keyword, final JsonNode value, final String place) {
        steps.take(value.size());
        switch (keyword) {
            case "type" -> types(value, place);
            case "enum" -> {
                require(value.isArray(), "a list of values", keyword, place);
                refuseBeyond(limits.enumValues(), value.size(), keyword, place);
            }
            case "required" -> {
                require(value.isArray() && areTexts(value), "a list of names", keyword, place);
                refuseBeyond(limits.properties(), value.size(), keyword, place);
            }
            case "properties", "patternProperties" -> {
                require(value.isObject(), "an object of schemas", keyword, place);
                refuseBeyond(limits.properties(), value.size(), keyword, place);
                value.properties().forEach(member -> {
                    if (!isSchema(member.getValue())) {
                        schema(member.getValue(), place + "/" + keyword + SchemaMerge.step(member.getKey()));
                    }
                });
            }
            case "allOf", "anyOf", "oneOf" -> {
                require(value.isArray() && !value.isEmpty(), "a list of schemas", keyword, place);
                refuseBeyond(limits.enumValues(), value.size(), keyword, place);
                schemas(value, place + "/" + keyword);
            }
            case "prefixItems" -> {
                require(value.isArray(), "a list of schemas", keyword, place);
                schemas(value, place + "/" + keyword);
            }
            case "items", "additionalProperties" -> {
                if (value.isArray() && keyword.equals("items")) {
                    throw new GrammarException(place, "has a list of schemas in items; use prefixItems");
                }
                schema(value, place + "/" + keyword);
            }
            case "$ref", "pattern", "format" -> require(value.isTextual(), "a text", keyword, place);
            case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties" ->
                SchemaNumbers.count(value, keyword, place);
            case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" ->
                SchemaNumbers.decimal(value, keyword, place);
            default -> {} // const may be anything
        }
    }

    private static void types(final JsonNode value, final String place) {
        require(value.isTextual() || (value.isArray() && areTexts(value)), "a name or a list of names", "type", place);
        for (final JsonNode type : SchemaMerge.elements(value)) {
            if (!SchemaKeywords.TYPES.contains(type.textValue())) {
                throw new GrammarException(place, "has a type that JSON hasn't");
            }
        }
    }

    private static boolean areTexts(final JsonNode list) {
        return SchemaMerge.elements(list).stream().allMatch(JsonNode::isTextual);
    }

    private static void schemas(final JsonNode list, final String place) {
        for (int i = 0; i < list.size(); i++) {
            if (!isSchema(list.get(i))) {
                schema(list.get(i), place + "/" + i);
            }
        }
    }

    /** Refuses what is no schema. */
    static void schema(final JsonNode value, final String place) {
        if (!isSchema(value)) {
            throw new GrammarException(place, "must be a schema: an object, true or false");
        }
    }

    private static boolean isSchema(final JsonNode value) {
        return value.isObject() || value.isBoolean();
    }

    private static void require(final boolean isGiven, final String what, final String keyword, final String place) {
        if (!isGiven) {
            throw new GrammarException(place, "must have " + what + " in " + keyword);
        }
    }

    static void refuseBeyond(final int limit, final int size, final String keyword, final String place) {
        if (size > limit) {
            final String what = switch (keyword) {
                case "properties" -> " properties";
                case "required" -> " names in required";
                case "enum" -> " values in enum";
                default -> " schemas in " + keyword;
            };
            throw new GrammarException(place, "has " + size + what + "; the limit is " + limit);
        }
    }
}
