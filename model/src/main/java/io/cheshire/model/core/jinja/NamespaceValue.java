package io.cheshire.model.core.jinja;

/** What {@code namespace(…)} gives: the one thing that a template may change. */
final class NamespaceValue {
    private final DictValue attributes;

    NamespaceValue(final DictValue attributes) {
        this.attributes = attributes;
    }

    DictValue attributes() {
        return attributes;
    }
}
