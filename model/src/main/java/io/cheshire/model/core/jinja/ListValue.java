package io.cheshire.model.core.jinja;

import java.util.List;

/** A list or a tuple. Never changed once made: the sandbox forbids it. Compared by identity; see {@link Values}. */
final class ListValue {
    enum Kind {
        LIST,
        TUPLE,
        /** What groupby gives: a tuple whose members are also called grouper and list. */
        GROUP
    }

    private final Kind kind;
    private final List<Object> items;

    ListValue(final Kind kind, final List<Object> items) {
        this.kind = kind;
        this.items = items;
    }

    static ListValue list(final List<Object> items) {
        return new ListValue(Kind.LIST, items);
    }

    static ListValue tuple(final List<Object> items) {
        return new ListValue(Kind.TUPLE, items);
    }

    static ListValue pair(final Object first, final Object second) {
        return new ListValue(Kind.TUPLE, List.of(first, second));
    }

    Kind kind() {
        return kind;
    }

    boolean isList() {
        return kind == Kind.LIST;
    }

    List<Object> items() {
        return items;
    }
}
