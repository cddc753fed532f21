package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.router.core.grammar.CharacterCoding.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Objects and lists of a schema. Members come in the order in which the schema names them, then those that are required
 * without being named, then others; each named one once.
 */
final class ContainerTerms {
    /** Alternatives side by side before a rule of their own begins. */
    private static final int RUN = 16;

    private static final int NAME_CHARS = 256;

    private final JsonTerms json;
    private final TermPool pool;
    private final GrammarLimits limits;
    private final PatternTerms patterns;
    private final SchemaTypes.Inner inner;
    private final boolean isStrict;

    ContainerTerms(
            final JsonTerms json,
            final GrammarLimits limits,
            final PatternTerms patterns,
            final SchemaTypes.Inner inner,
            final boolean isStrict) {
        this.json = json;
        this.pool = json.pool;
        this.limits = limits;
        this.patterns = patterns;
        this.inner = inner;
        this.isStrict = isStrict;
    }

    /** A member as a whole, {@code "name": value}. */
    private record Member(Term term, boolean isRequired) {}

    Term object(final ObjectNode schema, final String place) {
        final Map<String, Member> members = new LinkedHashMap<>();
        final Set<String> required = required(schema);
        final JsonNode properties = schema.path("properties");
        for (final Map.Entry<String, JsonNode> property : properties.properties()) {
            final String name = property.getKey();
            final Term value = inner.value(property.getValue(), place + "/properties" + SchemaMerge.step(name));
            members.put(name, member(name, value, required.contains(name), place));
        }
        final JsonNode more = additional(schema);
        final Term moreValue = inner.value(more, place + "/additionalProperties");
        for (final String name : required) {
            if (!members.containsKey(name)) {
                members.put(name, member(name, moreValue, true, place));
            }
        }
        if (members.size() > limits.properties()) {
            throw new GrammarException(
                    place, "has " + members.size() + " properties; the limit is " + limits.properties());
        }
        refuseCounts(schema, members.size(), required.size(), place);
        final boolean isPlain = members.isEmpty() && more.isBoolean() && more.booleanValue();
        if (isPlain && !schema.has("patternProperties")) {
            return json.object;
        }
        final Term others = others(schema, members.keySet(), moreValue, place);
        return pool.sequence(json.text("{"), members(List.copyOf(members.values()), others), json.text("}"));
    }

    private JsonNode additional(final ObjectNode schema) {
        final JsonNode more = schema.get("additionalProperties");
        return more == null ? BooleanNode.valueOf(!isStrict) : more;
    }

    private Member member(final String name, final Term value, final boolean isRequired, final String place) {
        if (name.length() > NAME_CHARS) {
            throw new GrammarException(
                    place,
                    "has a property with a name of " + name.length() + " characters; the limit is " + NAME_CHARS);
        }
        json.steps.take(1 + name.length());
        return new Member(pool.sequence(json.literalString(name), json.colon, value), isRequired);
    }

    private static Set<String> required(final ObjectNode schema) {
        final Set<String> names = new LinkedHashSet<>();
        schema.path("required").forEach(name -> names.add(name.textValue()));
        return names;
    }

    private static void refuseCounts(
            final ObjectNode schema, final int members, final int required, final String place) {
        if (SchemaTypes.count(schema, "minProperties", 0, place) > required) {
            throw new GrammarException(
                    place, "has minProperties beyond what is required, which isn't served; name them in required");
        }
        final int most = SchemaTypes.count(schema, "maxProperties", Term.MANY, place);
        final boolean isClosed = schema.path("additionalProperties").isBoolean()
                && !schema.get("additionalProperties").booleanValue();
        if (most < members || (most != Term.MANY && !isClosed)) {
            throw new GrammarException(
                    place, "has maxProperties, which isn't served; set additionalProperties to false instead");
        }
    }

    /** A member that isn't named. */
    private Term others(final ObjectNode schema, final Set<String> names, final Term value, final String place) {
        final JsonNode byPattern = schema.path("patternProperties");
        if (byPattern.isMissingNode() || byPattern.isEmpty()) {
            return value == pool.nothing ? value : otherMember(json.otherThan(names), value);
        }
        if (byPattern.size() > 1 || !names.isEmpty()) {
            throw new GrammarException(
                    place,
                    "has patternProperties beside named ones, or several, which isn't served; name the properties");
        }
        final Map.Entry<String, JsonNode> only =
                byPattern.properties().iterator().next();
        final Term pattern;
        try {
            pattern = patterns.found(only.getKey(), Spelling.JSON);
        } catch (final GrammarException refused) {
            throw new GrammarException(place + "/patternProperties", String.valueOf(refused.getMessage()));
        }
        final Term matching = otherMember(pattern, inner.value(only.getValue(), place + "/patternProperties"));
        final Term rest = pool.both(pool.star(json.plainCharacter), pool.not(pattern));
        return value == pool.nothing ? matching : pool.either(matching, otherMember(rest, value));
    }

    private Term otherMember(final Term name, final Term value) {
        return pool.sequence(json.quote, name, json.quote, json.colon, value);
    }

    /** From the last to the first: what may come when a member was there before, and when none was. */
    private Term members(final List<Member> members, final Term other) {
        Term behind = pool.star(pool.pair(json.comma, other));
        Term first = pool.optional(pool.pair(other, behind));
        int run = 0;
        for (int i = members.size() - 1; i >= 0; i--) {
            final Member member = members.get(i);
            final Term here = pool.pair(member.term(), behind);
            first = member.isRequired() ? here : pool.either(here, first);
            final Term next = pool.pair(json.comma, here);
            behind = member.isRequired() ? next : pool.either(next, behind);
            if (++run % RUN == 0) {
                behind = rule(behind);
                first = rule(first);
            }
        }
        return first;
    }

    private Term rule(final Term body) {
        if (body == pool.nothing) {
            return body;
        }
        final Term call = pool.declare(body.nullable);
        pool.define(call, body);
        return call;
    }

    Term array(final ObjectNode schema, final String place) {
        final int min = SchemaTypes.count(schema, "minItems", 0, place);
        final int max = SchemaTypes.count(schema, "maxItems", Term.MANY, place);
        if (min > max) {
            return pool.nothing;
        }
        final JsonNode items = schema.get("items");
        final Term rest = items == null ? json.value : inner.value(items, place + "/items");
        final JsonNode prefix = schema.path("prefixItems");
        if (prefix.isEmpty()) {
            return rest == pool.nothing && min == 0 ? json.text("[]") : json.list(rest, min, max);
        }
        final List<Term> firsts = new ArrayList<>();
        for (int i = 0; i < Math.min(prefix.size(), max); i++) {
            firsts.add(inner.value(prefix.get(i), place + "/prefixItems/" + i));
        }
        final int most = max == Term.MANY ? Term.MANY : Math.max(0, max - firsts.size());
        Term tail = pool.repeat(pool.pair(json.comma, rest), Math.max(0, min - firsts.size()), most);
        for (int i = firsts.size() - 1; i >= 1; i--) {
            final Term here = pool.sequence(json.comma, firsts.get(i), tail);
            tail = i >= min ? pool.either(here, pool.empty) : here;
        }
        final Term all = firsts.isEmpty() ? pool.empty : pool.pair(firsts.getFirst(), tail);
        return pool.sequence(json.text("["), min == 0 ? pool.optional(all) : all, json.text("]"));
    }
}
