package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Filters on lists and dicts. */
final class SequenceFilters {
    private final Rendering rendering;
    private final Attributes attributes;
    private final TextOps ops;

    SequenceFilters(final Rendering rendering, final Attributes attributes) {
        this.rendering = rendering;
        this.attributes = attributes;
        this.ops = new TextOps(rendering);
    }

    void register(final Map<String, FilterFunction> filters) {
        filters.put("length", (value, args) -> length(value, args));
        filters.put("count", (value, args) -> length(value, args));
        filters.put("list", (value, args) -> {
            args.bind("list", 0);
            return ListValue.list(items(value));
        });
        filters.put("first", this::first);
        filters.put("last", this::last);
        filters.put("reverse", this::reverse);
        filters.put("join", this::join);
        filters.put("items", this::pairs);
        filters.put("sort", this::sort);
        filters.put("dictsort", this::dictsort);
        filters.put("groupby", this::groupby);
        filters.put("unique", this::unique);
        filters.put("sum", this::sum);
        filters.put("min", (value, args) -> extreme(value, args, "min"));
        filters.put("max", (value, args) -> extreme(value, args, "max"));
        filters.put("batch", this::batch);
        filters.put("slice", this::slice);
        filters.put("default", SequenceFilters::otherwise);
        filters.put("d", SequenceFilters::otherwise);
    }

    private static Object length(final Object value, final CallArgs args) {
        args.bind("length", 0);
        return Values.length(value);
    }

    private static Object otherwise(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("default", 0, "default_value", "boolean");
        final boolean absent = value instanceof Undefined || (bound.isTrue(1, false) && !Values.isTrue(value));
        return absent ? bound.get(0, Text.EMPTY) : value;
    }

    private List<Object> items(final Object value) {
        return Values.items(value, rendering.budget());
    }

    private Object first(final Object value, final CallArgs args) {
        args.bind("first", 0);
        final Iterator<Object> iterator = Values.iterate(value);
        return iterator.hasNext() ? iterator.next() : new Undefined("No first item, sequence was empty.");
    }

    private Object last(final Object value, final CallArgs args) {
        args.bind("last", 0);
        final List<Object> items = items(reversible(value));
        return items.isEmpty() ? new Undefined("No last item, sequence was empty.") : items.get(items.size() - 1);
    }

    private static Object reversible(final Object value) {
        return switch (value) {
            case Generator _, LoopValue _ ->
                throw TemplateFault.failed("'" + Values.typeName(value) + "' object is not reversible");
            case Text text
            when text.isSafe() -> throw TemplateFault.unsupported("the last character of a string marked safe");
            default -> value;
        };
    }

    private Object reverse(final Object value, final CallArgs args) {
        args.bind("reverse", 0);
        if (value instanceof Text text) {
            return attributes.slice(text, None.NONE, None.NONE, -1L);
        }
        final List<Object> items = items(value);
        Collections.reverse(items);
        // Python reverses what has a length without copying it; of the rest Jinja2 makes a list.
        return value instanceof Generator ? ListValue.list(items) : new Generator(items.iterator());
    }

    private Object join(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("join", 0, "d", "attribute");
        final Object path = bound.get(1, None.NONE);
        final AttributePath attribute = path(path, null, false);
        final Object elements = path == None.NONE ? value : new Generator(mapped(value, attribute));
        return ops.join(rendering.str(bound.get(0, Text.EMPTY)), elements, true);
    }

    private static Iterator<Object> mapped(final Object value, final AttributePath attribute) {
        final Iterator<Object> iterator = Values.iterate(value);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return iterator.hasNext();
            }

            @Override
            public Object next() {
                return attribute.of(iterator.next());
            }
        };
    }

    private Object pairs(final Object value, final CallArgs args) {
        args.bind("items", 0);
        return switch (value) {
            case Undefined _ -> new Generator(Collections.emptyIterator());
            case DictValue dict -> new Generator(new DictView(DictView.Part.ITEMS, dict).iterator());
            default -> new Generator(SelectionFilters.failing("Can only get item pairs from a mapping."));
        };
    }

    private AttributePath path(final Object path, final @Nullable Object otherwise, final boolean ignoreCase) {
        return new AttributePath(rendering, attributes, path, otherwise, ignoreCase);
    }

    /** An element with what it is compared by. */
    private record Keyed(Object key, Object element) {
        static final Comparator<Keyed> ORDER = (a, b) -> Values.compare(a.key, b.key, "<");
    }

    private void sort(final List<Keyed> keyed, final boolean reverse) {
        rendering.budget().items(keyed.size());
        keyed.sort(reverse ? Keyed.ORDER.reversed() : Keyed.ORDER);
    }

    private static List<Object> elements(final List<Keyed> keyed) {
        final List<Object> items = new ArrayList<>();
        keyed.forEach(one -> items.add(one.element()));
        return items;
    }

    private Object sort(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("sort", 0, "reverse", "case_sensitive", "attribute");
        final boolean ignoreCase = !bound.isTrue(1, false);
        final List<AttributePath> paths = new ArrayList<>();
        if (bound.get(2, None.NONE) instanceof Text names) {
            for (final String name : names.value().split(",", -1)) {
                paths.add(path(Text.of(name), null, ignoreCase));
            }
        } else {
            paths.add(path(bound.get(2, None.NONE), null, ignoreCase));
        }
        final List<Keyed> keyed = new ArrayList<>();
        for (final Object element : items(value)) {
            final List<Object> key = new ArrayList<>();
            paths.forEach(path -> key.add(path.of(element)));
            keyed.add(new Keyed(ListValue.list(key), element));
        }
        sort(keyed, bound.isTrue(0, false));
        return ListValue.list(elements(keyed));
    }

    private Object dictsort(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("dictsort", 0, "case_sensitive", "by", "reverse");
        final String by = TextOps.text(bound.get(1, Text.of("key"))).value();
        if (!by.equals("key") && !by.equals("value")) {
            throw TemplateFault.failed("You can only sort by either \"key\" or \"value\"");
        }
        if (!(value instanceof DictValue dict)) {
            throw TemplateFault.failed("'" + Values.typeName(value) + "' object has no attribute 'items'");
        }
        final AttributePath self = path(None.NONE, null, !bound.isTrue(0, false));
        final List<Keyed> keyed = new ArrayList<>();
        for (final DictValue.Entry entry : dict.entries()) {
            final Object key = self.of(by.equals("key") ? entry.key() : entry.value());
            keyed.add(new Keyed(key, ListValue.pair(entry.key(), entry.value())));
        }
        sort(keyed, bound.isTrue(2, false));
        return ListValue.list(elements(keyed));
    }

    private Object groupby(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("groupby", 1, "attribute", "default", "case_sensitive");
        final boolean caseSensitive = bound.isTrue(2, false);
        final Object otherwise = bound.get(1, None.NONE);
        final AttributePath path = path(bound.get(0), otherwise, !caseSensitive);
        final AttributePath shown = path(bound.get(0), otherwise, false);
        final List<Keyed> keyed = new ArrayList<>();
        items(value).forEach(element -> keyed.add(new Keyed(path.of(element), element)));
        sort(keyed, false);
        final List<Object> groups = new ArrayList<>();
        List<Object> group = new ArrayList<>();
        for (int i = 0; i < keyed.size(); i++) {
            group.add(keyed.get(i).element());
            if (i + 1 == keyed.size()
                    || !Values.equal(keyed.get(i).key(), keyed.get(i + 1).key())) {
                final Object name = shown.of(group.get(0));
                groups.add(new ListValue(ListValue.Kind.GROUP, List.of(name, ListValue.list(group))));
                group = new ArrayList<>();
            }
        }
        return ListValue.list(groups);
    }

    private Object unique(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("unique", 0, "case_sensitive", "attribute");
        final AttributePath path = path(bound.get(1, None.NONE), null, !bound.isTrue(0, false));
        return new Generator(SelectionFilters.lazily(() -> {
            final Set<Object> seen = new HashSet<>();
            final List<Object> result = new ArrayList<>();
            for (final Object element : items(value)) {
                if (seen.add(DictValue.normal(path.of(element)))) {
                    result.add(element);
                }
            }
            return result.iterator();
        }));
    }

    private Object sum(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("sum", 0, "attribute", "start");
        final AttributePath path = path(bound.get(0, None.NONE), null, false);
        Object sum = bound.get(1, 0L);
        if (sum instanceof Text) {
            throw TemplateFault.failed("sum() can't sum strings [use ''.join(seq) instead]");
        }
        for (final Object element : items(value)) {
            final Object next = path.of(element);
            if (sum instanceof Double || next instanceof Double) {
                // Newer Pythons sum floats with compensation, older ones do not.
                exactlySummable(sum);
                exactlySummable(next);
            }
            sum = rendering.operators().apply("+", sum, next);
        }
        return sum;
    }

    private static void exactlySummable(final Object number) {
        if (number instanceof Double real && real * (1 << 10) != Math.rint(real * (1 << 10))) {
            throw TemplateFault.unsupported("the sum of numbers that are not exact in binary");
        }
    }

    private Object extreme(final Object value, final CallArgs args, final String name) {
        final CallArgs.Bound bound = args.bind(name, 0, "case_sensitive", "attribute");
        final AttributePath path = path(bound.get(1, None.NONE), null, !bound.isTrue(0, false));
        Keyed best = null;
        for (final Object element : items(value)) {
            final Keyed next = new Keyed(path.of(element), element);
            if (best == null) {
                best = next;
            } else {
                final int order = name.equals("min")
                        ? Values.compare(next.key(), best.key(), "<")
                        : Values.compare(best.key(), next.key(), ">");
                best = order < 0 ? next : best;
            }
        }
        return best == null ? new Undefined("No aggregated item, sequence was empty.") : best.element();
    }

    private Object batch(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("batch", 1, "linecount", "fill_with");
        final long size = Numbers.asLong(bound.get(0));
        final Object fill = bound.get(1, None.NONE);
        if (size < 1) {
            throw TemplateFault.unsupported("the filter 'batch' with a count below 1");
        }
        return new Generator(SelectionFilters.lazily(() -> batches(value, size, fill)));
    }

    private Iterator<Object> batches(final Object value, final long size, final Object fill) {
        final List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (final Object element : items(value)) {
            if (batch.size() == size) {
                batches.add(ListValue.list(batch));
                batch = new ArrayList<>();
            }
            batch.add(element);
        }
        if (!batch.isEmpty()) {
            if (fill != None.NONE) {
                rendering.budget().items(size);
                while (batch.size() < size) {
                    batch.add(fill);
                }
            }
            batches.add(ListValue.list(batch));
        }
        return batches.iterator();
    }

    private Object slice(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("slice", 1, "slices", "fill_with");
        final long slices = Numbers.asLong(bound.get(0));
        final Object fill = bound.get(1, None.NONE);
        if (slices < 1) {
            throw TemplateFault.unsupported("the filter 'slice' with a count below 1");
        }
        return new Generator(SelectionFilters.lazily(() -> slices(value, slices, fill)));
    }

    private Iterator<Object> slices(final Object value, final long slices, final Object fill) {
        final List<Object> items = items(value);
        rendering.budget().items(slices);
        final List<Object> result = new ArrayList<>();
        int start = 0;
        for (long i = 0; i < slices; i++) {
            final boolean longer = i < items.size() % slices;
            final int end = start + (int) (items.size() / slices) + (longer ? 1 : 0);
            final List<Object> part = new ArrayList<>(items.subList(start, end));
            if (fill != None.NONE && !longer) {
                part.add(fill);
            }
            result.add(ListValue.list(part));
            start = end;
        }
        return result.iterator();
    }
}
