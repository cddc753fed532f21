package io.cheshire.router.core.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Whether it shows at once that no value matches two of some schemas: by type, by value, by a property that tells. */
final class SchemaDisjoint {
    private final UnaryOperator<JsonNode> resolve;

    SchemaDisjoint(final UnaryOperator<JsonNode> resolve) {
        this.resolve = resolve;
    }

    boolean areDisjoint(final List<JsonNode> schemas) {
        for (int i = 0; i < schemas.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!areApart(resolve.apply(schemas.get(i)), resolve.apply(schemas.get(j)))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean areApart(final JsonNode left, final JsonNode right) {
        if (!left.isObject() || !right.isObject()) {
            return false;
        }
        final Set<String> types = new HashSet<>(general(SchemaMerge.typesOf(left)));
        types.retainAll(general(SchemaMerge.typesOf(right)));
        if (types.isEmpty() || valuesApart(left, right)) {
            return true;
        }
        if (!types.equals(Set.of("object"))) {
            return false;
        }
        for (final JsonNode name : left.path("required")) {
            final JsonNode ours = left.path("properties").path(name.asText());
            final JsonNode theirs = right.path("properties").path(name.asText());
            final boolean isTelling =
                    SchemaMerge.elements(right.path("required")).contains(name);
            if (isTelling && valuesApart(resolve.apply(ours), resolve.apply(theirs))) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> general(final Set<String> types) {
        final Set<String> all = new HashSet<>(types);
        if (all.remove("integer")) {
            all.add("number");
        }
        return all;
    }

    private static boolean valuesApart(final JsonNode left, final JsonNode right) {
        final @Nullable List<JsonNode> ours = SchemaMerge.valuesOf(left);
        final @Nullable List<JsonNode> theirs = SchemaMerge.valuesOf(right);
        return ours != null && theirs != null && ours.stream().noneMatch(theirs::contains);
    }
}
