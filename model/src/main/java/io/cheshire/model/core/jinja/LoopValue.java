package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop}. Looks ahead only when asked, as Jinja2 does: elements may be made on the way. */
final class LoopValue implements Callable {
    private final Object iterable;
    private final Budget budget;
    private final int depth0;
    private final @Nullable Function<Object, Text> recurse;
    private Iterator<Object> iterator;
    private long index0 = -1;
    private long length = -1;
    private @Nullable Object after;
    private @Nullable Object current;
    private @Nullable Object before;
    private @Nullable List<Object> changed;

    /**
     * @param iterable what the loop was given; its length is that of the loop unless elements are filtered out
     * @param iterator over the elements
     */
    LoopValue(
            final Object iterable,
            final Iterator<Object> iterator,
            final int depth0,
            final @Nullable Function<Object, Text> recurse,
            final Budget budget) {
        this.iterable = iterable;
        this.iterator = iterator;
        this.depth0 = depth0;
        this.recurse = recurse;
        this.budget = budget;
    }

    /** The next element, or null at the end. */
    @Nullable
    Object next() {
        final Object element = peek();
        if (element == null) {
            return null;
        }
        after = null;
        index0++;
        before = current;
        current = element;
        return element;
    }

    private @Nullable Object peek() {
        if (after == null && iterator.hasNext()) {
            after = iterator.next();
        }
        return after;
    }

    int depth0() {
        return depth0;
    }

    long length() {
        if (length < 0) {
            if (iterable instanceof Generator) {
                final List<Object> rest = new ArrayList<>();
                while (iterator.hasNext()) {
                    budget.items(1);
                    rest.add(iterator.next());
                }
                iterator = rest.iterator();
                length = rest.size() + index0 + 1 + (after == null ? 0 : 1);
            } else {
                length = Values.length(iterable);
            }
        }
        return length;
    }

    /** The attribute, or null if a loop has none of that name. */
    @Nullable
    Object attribute(final String name) {
        return switch (name) {
            case "index" -> index0 + 1;
            case "index0" -> index0;
            case "revindex" -> length() - index0;
            case "revindex0" -> length() - index0 - 1;
            case "first" -> index0 == 0;
            case "last" -> peek() == null;
            case "length" -> length();
            case "depth" -> depth0 + 1L;
            case "depth0" -> (long) depth0;
            case "previtem" -> before == null ? new Undefined("there is no previous item") : before;
            case "nextitem" -> {
                final Object next = peek();
                yield next == null ? new Undefined("there is no next item") : next;
            }
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> null;
        };
    }

    private Object cycle(final CallArgs args) {
        if (args.positional().isEmpty() || !args.named().isEmpty()) {
            throw TemplateFault.failed("no items for cycling given");
        }
        return args.positional().get((int) (index0 % args.positional().size()));
    }

    private Object changed(final CallArgs args) {
        final boolean same =
                changed != null && Values.equal(ListValue.tuple(changed), ListValue.tuple(args.positional()));
        changed = args.positional();
        return !same;
    }

    @Override
    public Object call(final CallArgs args) {
        if (recurse == null) {
            throw TemplateFault.failed("The loop must have the 'recursive' marker to be called recursively.");
        }
        return recurse.apply(args.bind("loop", 1, "iterable").get(0));
    }
}
