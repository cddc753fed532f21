package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Whether it shows at once that no value matches two of some schemas: by type, by value, by a property that tells. */
final class SchemaDisjoint {
    private static final Set<String> OBJECT = Set.of("object");

    private final UnaryOperator<JsonNode> resolve;
    private final SchemaForms forms;
    private final SchemaSteps steps;
    private final SchemaValues values;

    /**
     * What shows of a schema.
     *
     * @param values that it names, or null
     * @param tells  values of required properties that name theirs
     */
    private record Signs(Set<String> types, @Nullable Set<String> values, Map<String, Set<String>> tells) {}

    SchemaDisjoint(final UnaryOperator<JsonNode> resolve, final SchemaForms forms, final SchemaSteps steps) {
        this.resolve = resolve;
        this.forms = forms;
        this.steps = steps;
        values = new SchemaValues(steps);
    }

    boolean areDisjoint(final List<JsonNode> schemas, final String place) {
        final List<Signs> all = new ArrayList<>();
        for (int i = 0; i < schemas.size(); i++) {
            if (!(resolve.apply(schemas.get(i)) instanceof final ObjectNode object)) {
                return schemas.size() == 1;
            }
            all.add(signs(object, place + "/" + i));
        }
        return tellsAll(all) || areApartByTwos(all);
    }

    private Signs signs(final ObjectNode schema, final String place) {
        forms.check(schema, place);
        final Set<String> types = new HashSet<>(SchemaMerge.typesOf(schema));
        if (types.remove("integer")) {
            types.add("number");
        }
        final Map<String, Set<String>> tells = new HashMap<>();
        for (final JsonNode name : schema.path("required")) {
            final JsonNode property = schema.path("properties").get(name.textValue());
            if (property != null && resolve.apply(property) instanceof final ObjectNode object) {
                forms.check(object, place + "/properties" + SchemaMerge.step(name.textValue()));
                final @Nullable List<JsonNode> named = SchemaMerge.valuesOf(object);
                if (named != null) {
                    tells.put(name.textValue(), values.keys(named));
                }
            }
        }
        final @Nullable List<JsonNode> named = SchemaMerge.valuesOf(schema);
        return new Signs(types, named == null ? null : values.keys(named), tells);
    }

    /** One look at each is enough, if the same sign tells all of them apart. */
    private boolean tellsAll(final List<Signs> all) {
        if (areAllApart(all, Signs::values)) {
            return true;
        }
        if (all.stream().anyMatch(one -> !one.types.equals(OBJECT))) {
            return false;
        }
        for (final String name : all.getFirst().tells.keySet()) {
            if (areAllApart(all, one -> one.tells.get(name))) {
                return true;
            }
        }
        return false;
    }

    private boolean areAllApart(final List<Signs> all, final Function<Signs, @Nullable Set<String>> sign) {
        final Set<String> seen = new HashSet<>();
        for (final Signs one : all) {
            final @Nullable Set<String> named = sign.apply(one);
            steps.take(1 + (named == null ? 0 : named.size()));
            if (named == null || !Collections.disjoint(seen, named)) {
                return false;
            }
            seen.addAll(named);
        }
        return true;
    }

    private boolean areApartByTwos(final List<Signs> all) {
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!areApart(all.get(i), all.get(j))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean areApart(final Signs left, final Signs right) {
        steps.take(1);
        if (Collections.disjoint(left.types, right.types) || areApart(left.values, right.values)) {
            return true;
        }
        final Set<String> types = new HashSet<>(left.types);
        types.retainAll(right.types);
        if (!types.equals(OBJECT)) {
            return false;
        }
        for (final Map.Entry<String, Set<String>> tell : left.tells.entrySet()) {
            steps.take(1);
            if (areApart(tell.getValue(), right.tells.get(tell.getKey()))) {
                return true;
            }
        }
        return false;
    }

    private boolean areApart(final @Nullable Set<String> left, final @Nullable Set<String> right) {
        if (left == null || right == null) {
            return false;
        }
        steps.take(Math.min(left.size(), right.size()));
        return Collections.disjoint(left, right);
    }
}
