package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arguments of a call, a filter or a test. */
record CallArgs(List<Object> positional, Map<String, Object> named) {
    static final CallArgs NONE = new CallArgs(List.of(), Map.of());

    int size() {
        return positional.size() + named.size();
    }

    /** Without the first positional arguments. */
    CallArgs from(final int start) {
        return new CallArgs(positional.subList(start, positional.size()), named);
    }

    CallArgs with(final String name, final Object value) {
        final Map<String, Object> all = new LinkedHashMap<>(named);
        all.put(name, value);
        return new CallArgs(positional, all);
    }

    /**
     * Arguments by place.
     *
     * @param function for errors
     * @param required how many must be given
     * @param names    of the parameters; one that cannot be named starts with a slash
     */
    Bound bind(final String function, final int required, final String... names) {
        if (positional.size() > names.length) {
            throw TemplateFault.failed(
                    function + " takes at most " + names.length + " arguments (" + positional.size() + " given)");
        }
        final List<@Nullable Object> values = new ArrayList<>();
        int used = 0;
        for (int i = 0; i < names.length; i++) {
            final Object byName = named.get(names[i]);
            if (byName != null) {
                used++;
                if (i < positional.size()) {
                    throw TemplateFault.failed(function + " got multiple values for argument '" + names[i] + "'");
                }
            }
            values.add(i < positional.size() ? positional.get(i) : byName);
            if (i < required && values.get(i) == null) {
                throw TemplateFault.failed(function + " misses the argument '" + names[i] + "'");
            }
        }
        if (used < named.size()) {
            throw TemplateFault.failed(
                    function + " got an unexpected keyword argument of " + String.join(", ", named.keySet()));
        }
        return new Bound(values);
    }

    /** Arguments in the order of the parameters; null where none was given. */
    record Bound(List<@Nullable Object> values) {
        boolean has(final int index) {
            return values.get(index) != null;
        }

        Object get(final int index) {
            final Object value = values.get(index);
            if (value == null) {
                throw TemplateFault.failed("an argument is missing");
            }
            return value;
        }

        Object get(final int index, final Object otherwise) {
            final Object value = values.get(index);
            return value == null ? otherwise : value;
        }

        boolean isTrue(final int index, final boolean otherwise) {
            final Object value = values.get(index);
            return value == null ? otherwise : Values.isTrue(value);
        }
    }
}
