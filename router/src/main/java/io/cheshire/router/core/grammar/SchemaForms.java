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
            case "enum" -> refuseBeyond(limits.enumValues(), value.size(), keyword, place);
            case "properties", "required" -> refuseBeyond(limits.properties(), value.size(), keyword, place);
            default -> {}
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
