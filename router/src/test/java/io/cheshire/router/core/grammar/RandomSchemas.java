package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Random;

/** Schemas of what is served, drawn by chance. */
final class RandomSchemas {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String[] NAMES = {"a", "b", "name", "x", "é"};
    /** Not emails: of those the validator refuses domains that follow the rules. */
    private static final String[] FORMATS = {"date", "date-time", "time", "uuid", "ipv4", "ipv6", "hostname"};

    private static final String[] PATTERNS = {"^[a-c]{1,3}$", "a", "^x.*y$", "^(ab|c)+$", "[0-9]"};

    private final Random random;
    private int left = 12;

    RandomSchemas(final Random random) {
        this.random = random;
    }

    JsonNode schema() {
        final ObjectNode schema = JSON.objectNode();
        if (--left < 0) {
            return schema.put("type", "null");
        }
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> object(schema);
            case 3 -> array(schema);
            case 4, 5 -> string(schema);
            case 6 -> number(schema);
            case 7 -> {
                final ArrayNode all = schema.putArray("anyOf");
                all.add(schema()).add(schema());
            }
            case 8 -> {
                final ArrayNode values = schema.putArray("enum");
                values.add("a").add(random.nextInt(9)).addNull().add("x\"y\\");
            }
            default -> {
                final ArrayNode all = schema.putArray("allOf");
                all.add(number(JSON.objectNode())).add(number(JSON.objectNode()));
            }
        }
        return schema;
    }

    private void object(final ObjectNode schema) {
        schema.put("type", "object");
        final ObjectNode properties = schema.putObject("properties");
        final ArrayNode required = JSON.arrayNode();
        for (final String name : NAMES) {
            if (random.nextInt(2) == 0) {
                properties.set(name, schema());
            }
            if (random.nextInt(4) == 0) {
                required.add(name);
            }
        }
        schema.set("required", required);
        switch (random.nextInt(4)) {
            case 0 -> schema.set("additionalProperties", schema());
            case 1 -> {}
            default -> schema.set("additionalProperties", BooleanNode.FALSE);
        }
    }

    private void array(final ObjectNode schema) {
        schema.put("type", "array");
        schema.set("items", schema());
        if (random.nextBoolean()) {
            schema.putArray("prefixItems").add(schema()).add(schema());
        }
        final int min = random.nextInt(3);
        schema.put("minItems", min);
        if (random.nextBoolean()) {
            schema.put("maxItems", min + random.nextInt(3));
        }
    }

    private void string(final ObjectNode schema) {
        schema.put("type", "string");
        switch (random.nextInt(5)) {
            case 0 -> schema.put("format", FORMATS[random.nextInt(FORMATS.length)]);
            case 1 -> schema.put("pattern", PATTERNS[random.nextInt(PATTERNS.length)]);
            case 2 ->
                schema.put("pattern", PATTERNS[random.nextInt(PATTERNS.length)])
                        .put("minLength", random.nextInt(4))
                        .put("maxLength", 3 + random.nextInt(5));
            case 3 -> schema.put("minLength", random.nextInt(4)).put("maxLength", 3 + random.nextInt(5));
            default -> {}
        }
    }

    private ObjectNode number(final ObjectNode schema) {
        final boolean isInteger = random.nextBoolean();
        schema.put("type", isInteger ? "integer" : "number");
        final int low = random.nextInt(400) - 200;
        // The validator counts in doubles: multiples of its own must be small.
        final boolean hasMultiple = random.nextInt(3) == 0;
        if (hasMultiple || random.nextBoolean()) {
            schema.put(random.nextBoolean() ? "minimum" : "exclusiveMinimum", low / (random.nextBoolean() ? 1.0 : 8));
        }
        if (hasMultiple || random.nextBoolean()) {
            schema.put(random.nextBoolean() ? "maximum" : "exclusiveMaximum", low + random.nextInt(300));
        }
        if (hasMultiple) {
            schema.put("multipleOf", isInteger ? 3 : 0.5);
        }
        return schema;
    }
}
