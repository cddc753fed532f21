package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** What Python says of values of any type: truth, equality, order, length, elements. */
final class Values {
    private Values() {}

    static String typeName(final Object value) {
        return switch (value) {
            case Text _ -> "str";
            case Boolean _ -> "bool";
            case Long _ -> "int";
            case Double _ -> "float";
            case None _ -> "NoneType";
            case Undefined _ -> "Undefined";
            case ListValue list -> list.isList() ? "list" : "tuple";
            case DictValue _ -> "dict";
            case RangeValue _ -> "range";
            case DictView view -> "dict_" + view.part().name().toLowerCase(java.util.Locale.ROOT);
            case Generator _ -> "generator";
            case NamespaceValue _ -> "Namespace";
            default -> "function";
        };
    }

    static boolean isTrue(final Object value) {
        return switch (value) {
            case Boolean flag -> flag;
            case Long number -> number != 0;
            case Double number -> number != 0;
            case Text text -> !text.isEmpty();
            case None _, Undefined _ -> false;
            case ListValue list -> !list.items().isEmpty();
            case DictValue dict -> dict.size() > 0;
            case DictView view -> view.dict().size() > 0;
            case RangeValue range -> range.length() > 0;
            default -> true;
        };
    }

    @SuppressWarnings("ReferenceEquality")
    static boolean equal(final Object left, final Object right) {
        if (left == right) {
            return !(left instanceof Double number) || !number.isNaN();
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.equal(left, right);
        }
        return switch (left) {
            case Text text -> text.equals(right);
            case Undefined _ -> right instanceof Undefined;
            case ListValue list ->
                right instanceof ListValue other
                        && list.isList() == other.isList()
                        && equalItems(list.items(), other.items());
            case DictValue dict -> right instanceof DictValue other && equalEntries(dict, other);
            case RangeValue range -> right instanceof RangeValue other && range.sameAs(other);
            case DictView view
            when right instanceof DictView other ->
                throw TemplateFault.unsupported("comparing " + typeName(view) + " with " + typeName(other));
            default -> left.equals(right) && !(left instanceof DictView);
        };
    }

    private static boolean equalItems(final List<Object> left, final List<Object> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!same(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalEntries(final DictValue left, final DictValue right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (final DictValue.Entry entry : left.entries()) {
            final Object other = right.get(entry.key());
            if (other == null || !same(entry.value(), other)) {
                return false;
            }
        }
        return true;
    }

    /** Within collections Python takes identical objects for equal ones. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(final Object left, final Object right) {
        return left == right || equal(left, right);
    }

    /** The operators of order; {@code operator} for the error only. */
    static int compare(final Object left, final Object right, final String operator) {
        if (left instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        }
        if (left instanceof Text text && right instanceof Text other) {
            return comparePoints(text.value(), other.value());
        }
        if (left instanceof ListValue list && right instanceof ListValue other && list.isList() == other.isList()) {
            final int common = Math.min(list.items().size(), other.items().size());
            for (int i = 0; i < common; i++) {
                if (!same(list.items().get(i), other.items().get(i))) {
                    return compare(list.items().get(i), other.items().get(i), operator);
                }
            }
            return Integer.compare(list.items().size(), other.items().size());
        }
        throw TemplateFault.failed("'" + operator + "' not supported between instances of '" + typeName(left)
                + "' and '" + typeName(right) + "'");
    }

    /** By code point; Java's own order is that of UTF-16 units. */
    private static int comparePoints(final String left, final String right) {
        int i = 0;
        while (i < left.length() && i < right.length()) {
            final int a = left.codePointAt(i);
            final int b = right.codePointAt(i);
            if (a != b) {
                return Integer.compare(a, b);
            }
            i += Character.charCount(a);
        }
        return Integer.compare(left.length(), right.length());
    }

    static boolean contains(final Object container, final Object value) {
        return switch (container) {
            case Text text -> {
                if (!(value instanceof Text part)) {
                    throw TemplateFault.failed("'in <string>' requires string as left operand, not " + typeName(value));
                }
                yield text.value().contains(part.value());
            }
            case DictValue dict -> dict.contains(value);
            case DictView view
            when view.part() == DictView.Part.KEYS -> view.dict().contains(value);
            case RangeValue range when value instanceof Long number -> range.contains(number);
            default -> {
                final Iterator<Object> items = iterate(container, "argument of type '%s' is not iterable");
                while (items.hasNext()) {
                    if (same(items.next(), value)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }

    static long length(final Object value) {
        return switch (value) {
            case Text text -> text.points();
            case ListValue list -> list.items().size();
            case DictValue dict -> dict.size();
            case DictView view -> view.dict().size();
            case RangeValue range -> range.length();
            case Undefined _ -> 0;
            case LoopValue loop -> loop.length();
            default -> throw TemplateFault.failed("object of type '" + typeName(value) + "' has no len()");
        };
    }

    static boolean isIterable(final Object value) {
        return switch (value) {
            case Text _, ListValue _, DictValue _, DictView _, RangeValue _, Generator _, Undefined _, LoopValue _ ->
                true;
            default -> false;
        };
    }

    static Iterator<Object> iterate(final Object value) {
        return iterate(value, "'%s' object is not iterable");
    }

    private static Iterator<Object> iterate(final Object value, final String error) {
        return switch (value) {
            case Text text -> characters(text);
            case ListValue list -> list.items().iterator();
            case DictValue dict -> new DictView(DictView.Part.KEYS, dict).iterator();
            case DictView view -> view.iterator();
            case RangeValue range -> range.iterator();
            case Generator generator -> generator.iterator();
            case Undefined _ -> Collections.emptyIterator();
            case LoopValue _ -> throw TemplateFault.unsupported("iterating over the variable loop");
            default -> throw TemplateFault.failed(error.formatted(typeName(value)));
        };
    }

    private static Iterator<Object> characters(final Text text) {
        return new Iterator<>() {
            private int unit;

            @Override
            public boolean hasNext() {
                return unit < text.units();
            }

            @Override
            public Object next() {
                if (!hasNext()) {
                    throw new java.util.NoSuchElementException();
                }
                final int start = unit;
                unit = text.value().offsetByCodePoints(unit, 1);
                return text.sub(start, unit).withSafe(false);
            }
        };
    }

    /** All elements, in a new list that the caller owns. */
    static List<Object> items(final Object value, final Budget budget) {
        final List<Object> items = new ArrayList<>();
        final Iterator<Object> iterator = iterate(value);
        while (iterator.hasNext()) {
            budget.items(1);
            items.add(iterator.next());
        }
        return items;
    }
}
