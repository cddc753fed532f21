package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code value.name} and {@code value[index]}: an attribute of the type first, then an element, or the other way round;
 * an undefined value if there is neither. Attributes of Python's types that are not implemented are refused.
 */
final class Attributes {
    /** Of a list or dict, and would change it: Jinja2's immutable sandbox lets no template call these. */
    static final Set<String> UNSAFE = Set.of(
            "append",
            "clear",
            "extend",
            "insert",
            "pop",
            "popitem",
            "remove",
            "reverse",
            "setdefault",
            "sort",
            "update");

    private static final Set<String> UNSAFE_LIST =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
    private static final Set<String> UNSAFE_DICT = Set.of("clear", "pop", "popitem", "setdefault", "update");
    static final Set<String> OF_DICT = Set.of("get", "items", "keys", "values", "copy");
    static final Set<String> OF_LIST = Set.of("count", "index", "copy");
    static final Set<String> OF_LOOP = Set.of("cycle", "changed");
    /** There in Python, not here. */
    private static final Set<String> OTHERS_OF_NUMBER = Set.of(
            "real",
            "imag",
            "numerator",
            "denominator",
            "conjugate",
            "bit_length",
            "bit_count",
            "to_bytes",
            "from_bytes",
            "as_integer_ratio",
            "is_integer",
            "hex",
            "fromhex");

    private static final Set<String> OTHERS = Set.of(
            "fromkeys",
            "isdisjoint",
            "mapping",
            "close",
            "send",
            "throw",
            "start",
            "stop",
            "step",
            "arguments",
            "catch_kwargs",
            "catch_varargs",
            "caller",
            "explicit_caller");

    private final Rendering rendering;
    private final StringMethods strings;

    Attributes(final Rendering rendering) {
        this.rendering = rendering;
        this.strings = new StringMethods(rendering);
    }

    Object attribute(final Object owner, final String name) {
        if (owner instanceof Undefined undefined) {
            throw undefined.fault();
        }
        final Object own = own(owner, name);
        if (own != null) {
            return own;
        }
        final Object element = owner instanceof DictValue dict ? dict.get(Text.of(name)) : null;
        return element != null ? element : Undefined.attribute(owner, name);
    }

    Object item(final Object owner, final Object index) {
        if (owner instanceof Undefined undefined) {
            throw undefined.fault();
        }
        final Object element = element(owner, index);
        if (element != null) {
            return element;
        }
        final Object own = index instanceof Text name ? own(owner, name.value()) : null;
        return own != null ? own : Undefined.element(owner, index);
    }

    /** What Python's {@code getattr} gives; null if the type has none of that name. */
    private @Nullable Object own(final Object owner, final String name) {
        if (name.startsWith("__")) {
            return new Undefined(
                    "access to attribute '" + name + "' of '" + Values.typeName(owner) + "' object is unsafe");
        }
        return switch (owner) {
            case Text text -> strings.method(text, name);
            case DictValue dict -> ofDict(dict, name);
            case ListValue list -> ofList(list, name);
            case NamespaceValue namespace -> namespace.attributes().get(Text.of(name));
            case LoopValue loop -> loop.attribute(name);
            case MacroValue macro when name.equals("name") -> Text.of(macro.name());
            case Long _, Double _, Boolean _ -> refused(owner, name, OTHERS_OF_NUMBER);
            case RangeValue range ->
                switch (name) {
                    case "start" -> range.start();
                    case "stop" -> range.stop();
                    case "step" -> range.step();
                    default -> refused(owner, name, OF_LIST);
                };
            case None _ -> null;
            default -> refused(owner, name, OTHERS);
        };
    }

    private static @Nullable Object refused(final Object owner, final String name, final Set<String> others) {
        if (others.contains(name)) {
            throw TemplateFault.unsupported("the attribute '" + name + "' of " + Values.typeName(owner));
        }
        return null;
    }

    private @Nullable Object ofDict(final DictValue dict, final String name) {
        return switch (name) {
            case "get" ->
                (Callable) args -> {
                    final CallArgs.Bound bound = positional("get", args).bind("get", 1, "/key", "/default");
                    final Object value = dict.get(bound.get(0));
                    return value != null ? value : bound.get(1, None.NONE);
                };
            case "items" -> view(name, DictView.Part.ITEMS, dict);
            case "keys" -> view(name, DictView.Part.KEYS, dict);
            case "values" -> view(name, DictView.Part.VALUES, dict);
            case "copy" ->
                (Callable) args -> {
                    args.bind(name, 0);
                    rendering.budget().items(dict.size());
                    return dict.copy();
                };
            default -> UNSAFE_DICT.contains(name) ? unsafe("dict", name) : refused(dict, name, OTHERS);
        };
    }

    private static Callable view(final String name, final DictView.Part part, final DictValue dict) {
        return args -> {
            args.bind(name, 0);
            return new DictView(part, dict);
        };
    }

    private static CallArgs positional(final String name, final CallArgs args) {
        if (!args.named().isEmpty()) {
            throw TemplateFault.failed(name + "() takes no keyword arguments");
        }
        return args;
    }

    private static Undefined unsafe(final String type, final String name) {
        return new Undefined("access to attribute '" + name + "' of '" + type + "' object is unsafe.");
    }

    private @Nullable Object ofList(final ListValue list, final String name) {
        if (list.kind() == ListValue.Kind.GROUP && (name.equals("grouper") || name.equals("list"))) {
            return list.items().get(name.equals("grouper") ? 0 : 1);
        }
        return switch (name) {
            case "count" ->
                (Callable) args -> {
                    final Object wanted = args.bind(name, 1, "/value").get(0);
                    return list.items().stream()
                            .filter(item -> Values.equal(item, wanted))
                            .count();
                };
            case "index" ->
                (Callable) args -> {
                    final Object wanted = args.bind(name, 1, "/value").get(0);
                    for (int i = 0; i < list.items().size(); i++) {
                        if (Values.equal(list.items().get(i), wanted)) {
                            return (long) i;
                        }
                    }
                    throw TemplateFault.failed(Printer.repr(wanted) + " is not in list");
                };
            case "copy" -> list.isList() ? (Callable) args -> ListValue.list(new ArrayList<>(list.items())) : null;
            default -> list.isList() && UNSAFE_LIST.contains(name) ? unsafe("list", name) : null;
        };
    }

    /** What Python's {@code owner[index]} gives; null where it raises a TypeError or LookupError. */
    private @Nullable Object element(final Object owner, final Object index) {
        if (owner instanceof DictValue dict) {
            final boolean unhashable = index instanceof DictValue || (index instanceof ListValue list && list.isList());
            return unhashable ? null : dict.get(index);
        }
        if (!Numbers.isInt(index)) {
            return null;
        }
        final long wanted = Numbers.asLong(index);
        return switch (owner) {
            case Text text -> {
                final int points = text.points();
                final long at = wanted < 0 ? wanted + points : wanted;
                if (at < 0 || at >= points) {
                    yield null;
                }
                final int unit = text.unitOf((int) at);
                yield text.sub(unit, text.value().offsetByCodePoints(unit, 1));
            }
            case ListValue list -> {
                final long at = wanted < 0 ? wanted + list.items().size() : wanted;
                yield at < 0 || at >= list.items().size() ? null : list.items().get((int) at);
            }
            case RangeValue range -> {
                final long at = wanted < 0 ? wanted + range.length() : wanted;
                yield at < 0 || at >= range.length() ? null : range.get(at);
            }
            default -> null;
        };
    }

    /** {@code owner[start:stop:step]}. */
    Object slice(final Object owner, final Object start, final Object stop, final Object step) {
        if (owner instanceof Undefined undefined) {
            throw undefined.fault();
        }
        final boolean sliceable = owner instanceof Text || owner instanceof ListValue || owner instanceof RangeValue;
        if (!sliceable || !isBound(start) || !isBound(stop) || !isBound(step)) {
            // An error in Jinja2, unless all is constant: then it is folded to an undefined value.
            throw TemplateFault.unsupported("slicing a value of type " + Values.typeName(owner));
        }
        final long by = step == None.NONE ? 1 : Numbers.asLong(step);
        if (by == 0) {
            throw TemplateFault.failed("slice step cannot be zero");
        }
        final long length = Values.length(owner);
        final long from = bound(start, by > 0 ? 0 : length - 1, length, by);
        final long to = bound(stop, by > 0 ? length : -1, length, by);
        final long count = by > 0 ? Math.max(0, (to - from + by - 1) / by) : Math.max(0, (from - to - by - 1) / -by);
        return switch (owner) {
            case Text text -> slice(text, from, count, by);
            case RangeValue range -> new RangeValue(range.get(from), range.get(to), range.step() * by);
            default -> {
                final ListValue list = (ListValue) owner;
                rendering.budget().items(count);
                final List<Object> items = new ArrayList<>((int) count);
                for (long i = 0; i < count; i++) {
                    items.add(list.items().get((int) (from + i * by)));
                }
                yield list.isList() ? ListValue.list(items) : ListValue.tuple(items);
            }
        };
    }

    private static boolean isBound(final Object value) {
        return value == None.NONE || Numbers.isInt(value);
    }

    private static long bound(final Object given, final long otherwise, final long length, final long step) {
        if (given == None.NONE) {
            return otherwise;
        }
        final long value = Numbers.asLong(given);
        final long at = value < 0 ? Math.max(value, -length - 1) + length : value;
        return step > 0 ? Math.clamp(at, 0, length) : Math.clamp(at, -1, length - 1);
    }

    private Text slice(final Text text, final long from, final long count, final long step) {
        if (count == 0) {
            return Text.EMPTY.withSafe(text.isSafe());
        }
        if (step == 1) {
            return text.sub(text.unitOf((int) from), text.unitOf((int) (from + count)));
        }
        final int[] units = new int[text.points() + 1];
        for (int i = 0, unit = 0; i < units.length - 1; i++) {
            units[i] = unit;
            unit = text.value().offsetByCodePoints(unit, 1);
        }
        units[units.length - 1] = text.units();
        final TextBuilder out = rendering.builder();
        for (long i = 0; i < count; i++) {
            final int at = (int) (from + i * step);
            out.add(text.sub(units[at], units[at + 1]));
        }
        return out.text(text.isSafe());
    }
}
