package io.cheshire.model.core.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables of a template, a loop's round, a macro's call or a block. Sees those of the scope around it. */
final class Scope {
    private final @Nullable Scope around;
    private final Map<String, Object> variables = new HashMap<>();

    Scope(final @Nullable Scope around) {
        this.around = around;
    }

    @Nullable
    Object find(final String name) {
        for (Scope scope = this; scope != null; scope = scope.around) {
            final Object value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    void set(final String name, final Object value) {
        variables.put(name, value);
    }
}
