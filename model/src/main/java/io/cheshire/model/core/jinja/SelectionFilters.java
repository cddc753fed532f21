package io.cheshire.model.core.jinja;

import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** map, select, reject and their attribute forms. They work element by element, as they are read. */
final class SelectionFilters {
    private final Rendering rendering;
    private final Attributes attributes;
    private final Filters filters;

    SelectionFilters(final Rendering rendering, final Attributes attributes, final Filters filters) {
        this.rendering = rendering;
        this.attributes = attributes;
        this.filters = filters;
    }

    void register(final Map<String, FilterFunction> functions) {
        functions.put("map", this::map);
        functions.put("select", (value, args) -> select(value, args, true, false));
        functions.put("reject", (value, args) -> select(value, args, false, false));
        functions.put("selectattr", (value, args) -> select(value, args, true, true));
        functions.put("rejectattr", (value, args) -> select(value, args, false, true));
    }

    /** Python's generators do nothing, not even fail, before they are read. */
    static Iterator<Object> lazily(final Supplier<Iterator<Object>> start) {
        return new Iterator<>() {
            private @Nullable Iterator<Object> iterator;

            private Iterator<Object> started() {
                if (iterator == null) {
                    iterator = start.get();
                }
                return iterator;
            }

            @Override
            public boolean hasNext() {
                return started().hasNext();
            }

            @Override
            public Object next() {
                return started().next();
            }
        };
    }

    static Iterator<Object> failing(final String message) {
        return lazily(() -> {
            throw TemplateFault.failed(message);
        });
    }

    private static Iterator<Object> elements(final Object value) {
        return Values.isTrue(value) ? Values.iterate(value) : java.util.Collections.emptyIterator();
    }

    private Object map(final Object value, final CallArgs args) {
        return new Generator(lazily(() -> {
            final Iterator<Object> elements = elements(value);
            if (!Values.isTrue(value)) {
                return elements;
            }
            final UnaryOperator<Object> function = mapping(args);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return elements.hasNext();
                }

                @Override
                public Object next() {
                    rendering.budget().step();
                    return function.apply(elements.next());
                }
            };
        }));
    }

    private UnaryOperator<Object> mapping(final CallArgs args) {
        if (args.positional().isEmpty() && args.named().containsKey("attribute")) {
            final CallArgs.Bound bound = args.bind("map", 0, "attribute", "default");
            final Object path = bound.get(0);
            return new AttributePath(rendering, attributes, path, bound.get(1, None.NONE), false)::of;
        }
        if (args.positional().isEmpty()) {
            throw TemplateFault.failed("map requires a filter argument");
        }
        final String name = TextOps.text(args.positional().get(0)).value();
        return element -> filters.apply(name, element, args.from(1));
    }

    private Object select(final Object value, final CallArgs args, final boolean wanted, final boolean byAttribute) {
        return new Generator(lazily(() -> {
            final Iterator<Object> elements = elements(value);
            return Values.isTrue(value) ? matching(elements, predicate(args, byAttribute), wanted) : elements;
        }));
    }

    private Predicate<Object> predicate(final CallArgs args, final boolean byAttribute) {
        final int offset = byAttribute ? 1 : 0;
        if (args.positional().size() < offset) {
            throw TemplateFault.failed("Missing parameter for attribute name");
        }
        final Object attribute = byAttribute ? args.positional().get(0) : None.NONE;
        final AttributePath path = new AttributePath(rendering, attributes, attribute, null, false);
        if (args.positional().size() == offset) {
            return element -> Values.isTrue(path.of(element));
        }
        final String test = TextOps.text(args.positional().get(offset)).value();
        final CallArgs rest = args.from(offset + 1);
        return element -> Values.isTrue(Tests.apply(test, path.of(element), rest, rendering));
    }

    private Iterator<Object> matching(
            final Iterator<Object> elements, final Predicate<Object> predicate, final boolean wanted) {
        return new Iterator<>() {
            private @Nullable Object next;

            @Override
            public boolean hasNext() {
                while (next == null && elements.hasNext()) {
                    rendering.budget().step();
                    final Object element = elements.next();
                    if (predicate.test(element) == wanted) {
                        next = element;
                    }
                }
                return next != null;
            }

            @Override
            public Object next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                final Object element = next;
                next = null;
                return element;
            }
        };
    }
}
