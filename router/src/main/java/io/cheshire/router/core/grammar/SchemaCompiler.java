package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schema to a term: references become rules, schemas that hold at once are joined, alternatives stay side by side.
 * Every keyword is served or refused by name. Used once.
 */
final class SchemaCompiler {
    /** Of a reference so many are read in one step. */
    private static final int CHARS_PER_STEP = 16;

    private final JsonTerms json;
    private final TermPool pool;
    private final GrammarLimits limits;
    private final JsonNode root;
    private final SchemaForms forms;
    private final SchemaMerge merge;
    private final SchemaTypes types;
    private final Map<String, Term> rules = new HashMap<>();
    private long asked;
    private int nodes;
    private int depth;

    /** @param isStrict objects have no properties but those that are named, unless it says otherwise */
    SchemaCompiler(final JsonTerms json, final JsonNode root, final GrammarLimits limits, final boolean isStrict) {
        this.json = json;
        this.pool = json.pool;
        asked = pool.asked;
        this.root = root;
        this.limits = limits;
        json.steps.allow(limits.steps());
        forms = new SchemaForms(limits, json.steps);
        merge = new SchemaMerge(limits, json.steps);
        types = new SchemaTypes(json, limits, this::value, isStrict);
    }

    Term compile() {
        return value(root, "");
    }

    /** Values that match; {@code place} is where the schema stands. */
    private Term value(final JsonNode schema, final String place) {
        refuseMuchWork();
        if (schema.isBoolean()) {
            return schema.booleanValue() ? json.value : pool.nothing;
        }
        if (!(schema instanceof final ObjectNode object)) {
            throw new GrammarException(place, "must be a schema: an object, true or false");
        }
        if (++nodes > limits.schemaNodes()) {
            throw new GrammarException(place, "has more than " + limits.schemaNodes() + " schemas within; simplify it");
        }
        if (++depth > limits.schemaDepth()) {
            throw new GrammarException(
                    place, "has more than " + limits.schemaDepth() + " schemas within each other; use $ref");
        }
        final Set<String> keywords = forms.check(object, place);
        final Term term;
        if (keywords.equals(Set.of("$ref"))) {
            term = rule(pointer(object, place), place);
        } else if (keywords.equals(Set.of("anyOf")) || keywords.equals(Set.of("oneOf"))) {
            term = alternatives(object, keywords.iterator().next(), place);
        } else if (keywords.stream().anyMatch(SchemaKeywords.COMBINING::contains)) {
            final List<Term> terms = new ArrayList<>();
            for (final ObjectNode one : joined(object, place, 0)) {
                terms.add(types.value(one, place));
            }
            term = pool.either(terms);
        } else {
            term = types.value(object, place);
        }
        depth--;
        return term;
    }

    /** A look at a schema is a step, and so is each term that was asked for: those that are known take time, too. */
    private void refuseMuchWork() {
        json.steps.take(1 + pool.asked - asked);
        asked = pool.asked;
    }

    private Term alternatives(final ObjectNode schema, final String keyword, final String place) {
        final List<JsonNode> parts = SchemaMerge.elements(schema.get(keyword));
        requireDisjoint(keyword, parts, place);
        final List<Term> terms = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            terms.add(value(parts.get(i), place + "/" + keyword + "/" + i));
        }
        return pool.either(terms);
    }

    private void requireDisjoint(final String keyword, final List<JsonNode> parts, final String place) {
        if (keyword.equals("oneOf")
                && !new SchemaDisjoint(this::resolved, forms, json.steps).areDisjoint(parts, place + "/oneOf")) {
            throw new GrammarException(
                    place,
                    "has a oneOf whose alternatives may hold at once; use anyOf, or give each a required property with"
                            + " another const");
        }
    }

    private Term rule(final String pointer, final String place) {
        final Term known = rules.get(pointer);
        if (known != null) {
            return known;
        }
        final JsonNode target = target(pointer, place);
        final Term call = pool.declare(false);
        rules.put(pointer, call);
        final int before = depth;
        depth = 0;
        pool.define(call, value(target, pointer));
        depth = before;
        return call;
    }

    private String pointer(final ObjectNode schema, final String place) {
        final String ref = schema.get("$ref").asText();
        if (ref.length() > limits.literalBytes()) {
            throw new GrammarException(
                    place, "has a $ref of " + ref.length() + " characters; the limit is " + limits.literalBytes());
        }
        json.steps.take(1 + ref.length() / CHARS_PER_STEP);
        if (!ref.equals("#") && !ref.startsWith("#/")) {
            throw new GrammarException(
                    place, "has a $ref to somewhere else; only those within the schema are served: #, #/$defs/NAME");
        }
        return SchemaPointers.unescaped(ref.substring(1), place);
    }

    private JsonNode target(final String pointer, final String place) {
        final JsonNode target = root.at(pointer);
        if (target.isMissingNode()) {
            throw new GrammarException(place, "has a $ref to what isn't there");
        }
        return target;
    }

    /** The schema behind references that stand alone. */
    private JsonNode resolved(final JsonNode schema) {
        JsonNode at = schema;
        for (int i = 0; i < limits.schemaDepth() && at instanceof final ObjectNode object && object.has("$ref"); i++) {
            at = target(pointer(object, ""), "");
        }
        return at;
    }

    /** Alternatives that together are the schema, and combine no others. */
    private List<ObjectNode> joined(final JsonNode schema, final String place, final int level) {
        json.steps.take(1);
        if (schema.isBoolean()) {
            return schema.booleanValue() ? List.of(JsonNodeFactory.instance.objectNode()) : List.of();
        }
        if (!(schema instanceof final ObjectNode object)) {
            throw new GrammarException(place, "must be a schema: an object, true or false");
        }
        if (level > limits.schemaDepth() || ++nodes > limits.schemaNodes()) {
            throw new GrammarException(
                    place, "has schemas that hold at once without end (allOf, or $ref beside others); simplify it");
        }
        final Set<String> keywords = forms.check(object, place);
        final ObjectNode own = JsonNodeFactory.instance.objectNode();
        for (final String keyword : keywords) {
            if (!SchemaKeywords.COMBINING.contains(keyword)) {
                own.set(keyword, object.get(keyword));
            }
        }
        List<ObjectNode> all = List.of(own);
        if (keywords.contains("$ref")) {
            all = product(all, joined(target(pointer(object, place), place), place, level + 1), place);
        }
        for (final String keyword : List.of("anyOf", "oneOf")) {
            if (keywords.contains(keyword)) {
                final List<JsonNode> parts = SchemaMerge.elements(object.get(keyword));
                requireDisjoint(keyword, parts, place);
                final List<ObjectNode> either = new ArrayList<>();
                for (final JsonNode part : parts) {
                    either.addAll(joined(part, place + "/" + keyword, level + 1));
                }
                all = product(all, either, place);
            }
        }
        if (keywords.contains("allOf")) {
            for (final JsonNode part : object.get("allOf")) {
                all = product(all, joined(part, place + "/allOf", level + 1), place);
            }
        }
        return all;
    }

    private List<ObjectNode> product(final List<ObjectNode> left, final List<ObjectNode> right, final String place) {
        if ((long) left.size() * right.size() > limits.alternatives()) {
            throw new GrammarException(
                    place,
                    "has alternatives that multiply to more than " + limits.alternatives()
                            + "; join them, or leave some out");
        }
        final List<ObjectNode> all = new ArrayList<>();
        for (final ObjectNode one : left) {
            for (final ObjectNode other : right) {
                final @Nullable ObjectNode both = merge.merge(one, other, place);
                if (both != null) {
                    all.add(both);
                }
            }
        }
        return all;
    }
}
