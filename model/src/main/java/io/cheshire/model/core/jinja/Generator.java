package io.cheshire.model.core.jinja;

import java.util.Iterator;

/** A sequence that can be read once: what map, select, items, reverse and others give. Always true, without length. */
final class Generator {
    private final Iterator<Object> iterator;

    Generator(final Iterator<Object> iterator) {
        this.iterator = iterator;
    }

    Iterator<Object> iterator() {
        return iterator;
    }
}
