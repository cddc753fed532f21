package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.router.core.grammar.CharacterCoding.Spelling;
import io.cheshire.router.core.grammar.NumberTerms.Bounds;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Schemas that combine no others, type by type; objects and lists are {@link ContainerTerms}'. */
final class SchemaTypes {
    private static final Set<String> BESIDE_VALUES = Set.of("type", "enum", "const");
    private static final Set<String> OF_NUMBERS =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");

    private final JsonTerms json;
    private final TermPool pool;
    private final GrammarLimits limits;
    private final NumberTerms numbers;
    private final PatternTerms patterns;
    private final ContainerTerms containers;

    /** Compiles a schema within another. */
    @FunctionalInterface
    interface Inner {
        Term value(JsonNode schema, String place);
    }

    SchemaTypes(final JsonTerms json, final GrammarLimits limits, final Inner inner, final boolean isStrict) {
        this.json = json;
        this.pool = json.pool;
        this.limits = limits;
        numbers = new NumberTerms(json);
        patterns = new PatternTerms(pool, json.coding, limits.repeats());
        containers = new ContainerTerms(json, limits, patterns, inner, isStrict);
    }

    Term value(final ObjectNode schema, final String place) {
        final Set<String> keywords = SchemaKeywords.of(schema, place);
        // Values tell their own types.
        final Set<String> types = schema.has("type") ? SchemaMerge.typesOf(schema) : SchemaKeywords.GENERAL_TYPES;
        if (keywords.contains("const") || keywords.contains("enum")) {
            return named(schema, keywords, types, place);
        }
        final List<Term> terms = new ArrayList<>();
        for (final String type : types) {
            terms.add(
                    switch (type) {
                        case "null" -> json.text("null");
                        case "boolean" -> pool.either(json.text("true"), json.text("false"));
                        case "integer" ->
                            types.contains("number") ? pool.nothing : number(schema, keywords, true, place);
                        case "number" -> number(schema, keywords, false, place);
                        case "string" -> string(schema, place);
                        case "array" -> containers.array(schema, place);
                        case "object" -> containers.object(schema, place);
                        default -> throw new GrammarException(place, "has a type that JSON hasn't");
                    });
        }
        return pool.either(terms);
    }

    private Term named(
            final ObjectNode schema, final Set<String> keywords, final Set<String> types, final String place) {
        for (final String keyword : keywords) {
            if (!BESIDE_VALUES.contains(keyword)) {
                throw new GrammarException(
                        place, "has " + keyword + " beside enum or const, which isn't served; leave it out");
            }
        }
        final List<JsonNode> values = SchemaMerge.elements(
                schema.has("const")
                        ? JsonNodeFactory.instance.arrayNode().add(schema.get("const"))
                        : schema.get("enum"));
        final List<Term> terms = new ArrayList<>();
        for (final JsonNode value : values) {
            final boolean isAllowed = !schema.has("const")
                    || !schema.has("enum")
                    || SchemaMerge.elements(schema.get("enum")).contains(value);
            final String type = SchemaMerge.typeOf(value);
            if (isAllowed && (types.contains(type) || (type.equals("integer") && types.contains("number")))) {
                terms.add(literal(value, pool.empty, place));
            }
        }
        return pool.either(terms);
    }

    /** The value as it is, spaces as elsewhere, and what comes behind it: so each part is put before a term once. */
    private Term literal(final JsonNode value, final Term behind, final String place) {
        json.steps.take(1 + value.size());
        if (value.isObject()) {
            Term all = pool.pair(json.text(value.isEmpty() ? "{}" : "}"), behind);
            boolean isLast = true;
            for (final Map.Entry<String, JsonNode> member :
                    List.copyOf(value.properties()).reversed()) {
                all = literal(member.getValue(), isLast ? all : pool.pair(json.comma, all), place);
                all = pool.sequence(json.literalString(checked(member.getKey(), place)), json.colon, all);
                isLast = false;
            }
            return isLast ? all : pool.pair(json.text("{"), all);
        }
        if (value.isArray()) {
            Term all = pool.pair(json.text(value.isEmpty() ? "[]" : "]"), behind);
            for (int i = value.size() - 1; i >= 0; i--) {
                all = pool.pair(i == 0 ? json.text("[") : json.comma, literal(value.get(i), all, place));
            }
            return all;
        }
        return pool.pair(
                value.isTextual()
                        ? json.literalString(checked(value.textValue(), place))
                        : json.text(value.isNumber() ? value.decimalValue().toString() : value.asText()),
                behind);
    }

    private String checked(final String text, final String place) {
        final int length = text.getBytes(StandardCharsets.UTF_8).length;
        if (length > limits.literalBytes()) {
            throw new GrammarException(
                    place, "has a value of " + length + " bytes; the limit is " + limits.literalBytes());
        }
        json.steps.take(length);
        return text;
    }

    private Term number(
            final ObjectNode schema, final Set<String> keywords, final boolean isInteger, final String place) {
        if (keywords.stream().noneMatch(OF_NUMBERS::contains)) {
            return isInteger ? json.integer : json.number;
        }
        final BigDecimal low = decimal(schema, "minimum", place);
        final BigDecimal over = decimal(schema, "exclusiveMinimum", place);
        final BigDecimal high = decimal(schema, "maximum", place);
        final BigDecimal under = decimal(schema, "exclusiveMaximum", place);
        final boolean isOver = over != null && (low == null || over.compareTo(low) >= 0);
        final boolean isUnder = under != null && (high == null || under.compareTo(high) <= 0);
        try {
            return numbers.of(new Bounds(
                    isInteger,
                    isOver ? over : low,
                    isOver,
                    isUnder ? under : high,
                    isUnder,
                    decimal(schema, "multipleOf", place)));
        } catch (final GrammarException refused) {
            throw new GrammarException(place, String.valueOf(refused.getMessage()));
        }
    }

    private @Nullable BigDecimal decimal(final ObjectNode schema, final String name, final String place) {
        final JsonNode value = schema.get(name);
        if (value == null) {
            return null;
        }
        final BigDecimal number = SchemaNumbers.decimal(value, name, place);
        final long digits = Math.max(number.precision(), (long) number.precision() - number.scale());
        // Each digit is where a smaller or larger number may begin to differ.
        json.steps.take(digits * digits);
        return number;
    }

    private Term string(final ObjectNode schema, final String place) {
        final int min = count(schema, "minLength", 0, place);
        final int max = count(schema, "maxLength", Term.MANY, place);
        final List<Term> all = new ArrayList<>();
        try {
            for (final JsonNode pattern :
                    schema.has("pattern") ? SchemaMerge.elements(schema.get("pattern")) : List.<JsonNode>of()) {
                all.add(patterns.found(pattern.asText(), Spelling.JSON));
            }
            if (schema.has("format")) {
                all.add(format(schema.get("format").asText()));
            }
        } catch (final GrammarException refused) {
            throw new GrammarException(place + "/pattern", String.valueOf(refused.getMessage()));
        }
        if (min > 0 || max != Term.MANY) {
            all.add(pool.repeat(all.isEmpty() ? json.anyCharacter : json.plainCharacter, min, max));
        }
        if (min > max) {
            return pool.nothing;
        }
        if (all.isEmpty()) {
            return json.string;
        }
        return pool.sequence(json.quote, all.stream().reduce(pool::both).orElseThrow(), json.quote);
    }

    private Term format(final String format) {
        final String pattern = StringFormats.pattern(format);
        if (pattern == null) {
            throw new GrammarException(
                    "",
                    "is a format that isn't served; those that are: " + StringFormats.names()
                            + "; leave it out, or use pattern");
        }
        return patterns.whole(pattern, Spelling.JSON);
    }

    static int count(final ObjectNode schema, final String name, final int fallback, final String place) {
        final JsonNode value = schema.get(name);
        return value == null ? fallback : SchemaNumbers.count(value, name, place);
    }
}
