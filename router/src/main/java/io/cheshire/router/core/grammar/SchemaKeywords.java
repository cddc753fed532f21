package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which keywords of JSON Schema are served, which say nothing about the value, and why the others aren't served. */
final class SchemaKeywords {
    /** Those that combine other schemas. */
    static final Set<String> COMBINING = Set.of("$ref", "allOf", "anyOf", "oneOf");

    /** The types of JSON Schema. */
    static final List<String> TYPES = List.of("null", "boolean", "integer", "number", "string", "array", "object");

    /** All that a value may be. */
    static final Set<String> GENERAL_TYPES = Set.of("null", "boolean", "number", "string", "array", "object");

    private static final Set<String> SERVED = Set.of(
            "type",
            "enum",
            "const",
            "properties",
            "required",
            "additionalProperties",
            "patternProperties",
            "minProperties",
            "maxProperties",
            "prefixItems",
            "items",
            "minItems",
            "maxItems",
            "minLength",
            "maxLength",
            "pattern",
            "format",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "multipleOf");

    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "example",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "contentEncoding",
            "contentMediaType",
            "discriminator",
            "strict");

    private static final String ALTERNATIVES = "write the alternatives out with anyOf";
    private static final String EXPLICIT = "name the properties";
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("not", "say what is wanted instead"),
            Map.entry("if", ALTERNATIVES),
            Map.entry("then", ALTERNATIVES),
            Map.entry("else", ALTERNATIVES),
            Map.entry("dependentRequired", ALTERNATIVES),
            Map.entry("dependentSchemas", ALTERNATIVES),
            Map.entry("dependencies", ALTERNATIVES),
            Map.entry("contains", "use items or prefixItems"),
            Map.entry("minContains", "use items or prefixItems"),
            Map.entry("maxContains", "use items or prefixItems"),
            Map.entry("uniqueItems", "leave it out and check the answer"),
            Map.entry("propertyNames", EXPLICIT),
            Map.entry("unevaluatedProperties", "use additionalProperties"),
            Map.entry("unevaluatedItems", "use items"),
            Map.entry("additionalItems", "use prefixItems, with items for the rest"),
            Map.entry("$dynamicRef", "use $ref"),
            Map.entry("$dynamicAnchor", "use $defs and $ref"),
            Map.entry("$recursiveRef", "use $ref"),
            Map.entry("$anchor", "refer to #/$defs/..."),
            Map.entry("nullable", "use a list of types with null"));

    private SchemaKeywords() {}

    /** The keywords that say something about a value; refuses, by name, whatever isn't served. */
    static Set<String> of(final ObjectNode schema, final String place) {
        final Set<String> names = new LinkedHashSet<>();
        for (final Map.Entry<String, JsonNode> member : schema.properties()) {
            final String name = member.getKey();
            if (SERVED.contains(name) || COMBINING.contains(name)) {
                names.add(name);
            } else if (!ANNOTATIONS.contains(name) && !name.startsWith("x-") && !asksForNothing(member)) {
                final String remedy = REFUSED.get(name);
                throw new GrammarException(
                        place,
                        remedy == null
                                ? "has the keyword " + shown(name) + ", which nobody here knows; leave it out"
                                : "has the keyword " + name + ", which isn't served; " + remedy);
            }
        }
        return names;
    }

    private static boolean asksForNothing(final Map.Entry<String, JsonNode> member) {
        final JsonNode value = member.getValue();
        return value.isBoolean()
                && !value.booleanValue()
                && (member.getKey().equals("uniqueItems") || member.getKey().equals("nullable"));
    }

    private static String shown(final String name) {
        return name.matches("[A-Za-z0-9_$.-]{1,40}") ? name : "of " + name.length() + " characters";
    }
}
