package io.cheshire.model.core.jinja;

import java.util.Iterator;

/** What {@code keys()}, {@code values()} and {@code items()} give: can be iterated again and again, not indexed. */
record DictView(Part part, DictValue dict) {
    enum Part {
        KEYS,
        VALUES,
        ITEMS
    }

    Iterator<Object> iterator() {
        return dict.entries().stream()
                .map(entry -> switch (part) {
                    case KEYS -> entry.key();
                    case VALUES -> entry.value();
                    case ITEMS -> ListValue.pair(entry.key(), entry.value());
                })
                .iterator();
    }
}
