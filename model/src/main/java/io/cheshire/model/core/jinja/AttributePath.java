package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An attribute as filters take it: a name, names between dots, digits for elements, or a number. */
final class AttributePath {
    private final Attributes attributes;
    private final List<Object> parts = new ArrayList<>();
    private final @Nullable Object otherwise;
    private final boolean ignoreCase;
    private final TextOps ops;

    /**
     * @param path      None for the element itself
     * @param otherwise instead of an undefined value on the way
     */
    AttributePath(
            final Rendering rendering,
            final Attributes attributes,
            final Object path,
            final @Nullable Object otherwise,
            final boolean ignoreCase) {
        this.attributes = attributes;
        this.otherwise = otherwise == None.NONE ? null : otherwise;
        this.ignoreCase = ignoreCase;
        this.ops = new TextOps(rendering);
        if (path instanceof Text text) {
            for (final String part : text.value().split("\\.", -1)) {
                final boolean digits = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
                parts.add(digits && part.length() < 10 ? (Object) Long.valueOf(part) : Text.of(part));
            }
        } else if (path != None.NONE) {
            parts.add(path);
        }
    }

    Object of(final Object element) {
        Object value = element;
        for (final Object part : parts) {
            value = attributes.item(value, part);
            if (otherwise != null && value instanceof Undefined) {
                value = otherwise;
            }
        }
        return ignoreCase && value instanceof Text text ? ops.lower(text) : value;
    }
}
