package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Values that are near to what a schema of {@link RandomSchemas} allows: now inside, now outside. Members stand in the
 * order in which an answer has them, since nobody but a grammar cares for it.
 */
final class RandomInstances {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String[] STRINGS = {
        "",
        "a",
        "b",
        "ab",
        "abc",
        "abab",
        "x",
        "xy",
        "x1y",
        "0",
        "c",
        "aé",
        "éé",
        "a\"\\b",
        "abcabcabc",
        "\n",
        "cab",
        "x\"y\\"
    };
    /** Good ones and bad ones of which there is no doubt: none that may be a host's name of more parts than we take. */
    private static final Map<String, List<String>> FORMATTED = Map.of(
            "date", List.of("2024-02-29", "2023-02-29", "1999-12-31", "1999-13-01", "99-12-31", ""),
            "date-time", List.of("1999-12-31T23:59:59Z", "2024-02-29T00:00:00.25+01:30", "2024-02-30T00:00:00Z", "a"),
            "time", List.of("12:00:00Z", "23:59:59.125-05:00", "25:00:00Z", "12:60:00Z", "12:00Z"),
            "uuid", List.of("123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000", "x"),
            "ipv4", List.of("127.0.0.1", "255.255.255.255", "256.0.0", "1.2.3", "01.2.3", "1.2.3.256_"),
            "ipv6", List.of("::1", "1:2:3:4:5:6:7:8", "::", "1::2::3", "1:2", "12345::"),
            "hostname", List.of("a", "a.example", "x-1.b", "-a.example", "a-.b", "a..b", "a_b"));

    private static final int ODDS = 12;

    private final Random random;

    RandomInstances(final Random random) {
        this.random = random;
    }

    JsonNode instance(final JsonNode schema) {
        if (random.nextInt(ODDS) == 0) {
            return any();
        }
        if (schema.has("anyOf")) {
            return instance(one(schema.get("anyOf")));
        }
        if (schema.has("allOf")) {
            return instance(one(schema.get("allOf")));
        }
        if (schema.has("enum")) {
            return one(schema.get("enum"));
        }
        return switch (schema.path("type").asText()) {
            case "object" -> object(schema);
            case "array" -> array(schema);
            case "string" -> string(schema.path("format").asText());
            case "integer", "number" -> number(schema);
            case "null" -> JSON.nullNode();
            default -> any();
        };
    }

    private JsonNode one(final JsonNode list) {
        return list.get(random.nextInt(list.size()));
    }

    private JsonNode any() {
        return switch (random.nextInt(7)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.booleanNode(random.nextBoolean());
            case 2 -> JSON.numberNode(random.nextInt(600) - 300);
            case 3 -> number(BigDecimal.valueOf(random.nextInt(4000) - 2000, 3));
            case 4 -> JSON.arrayNode().add(1);
            case 5 -> JSON.objectNode().put("a", 1);
            default -> string("");
        };
    }

    private JsonNode string(final String format) {
        final List<String> texts = FORMATTED.getOrDefault(format, List.of(STRINGS));
        return JSON.textNode(texts.get(random.nextInt(texts.size())));
    }

    /** Whole numbers without a point, as answers have them: elsewhere 1.0 is one, too. */
    private static JsonNode number(final BigDecimal any) {
        final BigDecimal value = any.stripTrailingZeros();
        return value.scale() <= 0 ? JSON.numberNode(value.toBigInteger()) : JSON.numberNode(value);
    }

    private JsonNode number(final JsonNode schema) {
        final List<BigDecimal> near = new ArrayList<>(List.of(BigDecimal.ZERO));
        for (final String bound : List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")) {
            if (schema.has(bound)) {
                near.add(new BigDecimal(schema.get(bound).asText()));
            }
        }
        final BigDecimal step = new BigDecimal(schema.path("multipleOf").asText("1"));
        final BigDecimal[] steps = {BigDecimal.ONE, step, new BigDecimal("0.5"), new BigDecimal("0.125")};
        return number(near.get(random.nextInt(near.size()))
                .add(steps[random.nextInt(steps.length)].multiply(BigDecimal.valueOf(random.nextInt(13) - 6))));
    }

    private JsonNode array(final JsonNode schema) {
        final ArrayNode array = JSON.arrayNode();
        final int size = schema.path("minItems").asInt() + random.nextInt(4) - random.nextInt(2);
        final JsonNode first = schema.path("prefixItems");
        for (int i = 0; i < size; i++) {
            array.add(instance(i < first.size() ? first.get(i) : schema.get("items")));
        }
        return array;
    }

    private JsonNode object(final JsonNode schema) {
        final ObjectNode object = JSON.objectNode();
        final List<String> required = new ArrayList<>();
        schema.get("required").forEach(name -> required.add(name.asText()));
        for (final Map.Entry<String, JsonNode> property :
                schema.get("properties").properties()) {
            final boolean isWanted = required.remove(property.getKey());
            if (random.nextInt(ODDS) == 0 ? !isWanted : isWanted || random.nextBoolean()) {
                object.set(property.getKey(), instance(property.getValue()));
            }
        }
        final JsonNode others = schema.path("additionalProperties");
        for (final String name : required) {
            if (random.nextInt(ODDS) > 0) {
                object.set(name, others.isObject() ? instance(others) : any());
            }
        }
        final List<String> more = new ArrayList<>(List.of("q", "r", "n\"", "nam", "ä"));
        Collections.shuffle(more, random);
        for (int i = random.nextInt(5) - 2; i > 0; i--) {
            object.set(more.get(i), others.isObject() ? instance(others) : any());
        }
        return object;
    }
}
