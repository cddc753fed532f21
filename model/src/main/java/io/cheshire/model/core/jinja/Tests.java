package io.cheshire.model.core.jinja;

import java.util.Set;

/** The tests that may stand behind {@code is}. */
final class Tests {
    static final Set<String> NAMES = Set.of(
            "boolean",
            "callable",
            "defined",
            "divisibleby",
            "escaped",
            "even",
            "false",
            "filter",
            "float",
            "in",
            "integer",
            "iterable",
            "lower",
            "mapping",
            "none",
            "number",
            "odd",
            "sameas",
            "sequence",
            "string",
            "test",
            "true",
            "undefined",
            "upper",
            "==",
            "eq",
            "equalto",
            "!=",
            "ne",
            ">",
            "gt",
            "greaterthan",
            ">=",
            "ge",
            "<",
            "lt",
            "lessthan",
            "<=",
            "le");

    private Tests() {}

    static Object apply(final String name, final Object value, final CallArgs args, final Rendering rendering) {
        return switch (name) {
            case "==", "eq", "equalto" -> Evaluator.holds("==", value, other(name, args));
            case "!=", "ne" -> Evaluator.holds("!=", value, other(name, args));
            case ">", "gt", "greaterthan" -> Evaluator.holds(">", value, other(name, args));
            case ">=", "ge" -> Evaluator.holds(">=", value, other(name, args));
            case "<", "lt", "lessthan" -> Evaluator.holds("<", value, other(name, args));
            case "<=", "le" -> Evaluator.holds("<=", value, other(name, args));
            case "in" -> Evaluator.holds("in", value, other(name, args));
            case "sameas" -> same(value, other(name, args));
            case "divisibleby" -> Values.equal(rest(value, other(name, args), rendering), 0L);
            default -> {
                args.bind(name, 0);
                yield alone(name, value, rendering);
            }
        };
    }

    private static Object other(final String name, final CallArgs args) {
        return args.bind(name, 1, "/other").get(0);
    }

    private static Object rest(final Object value, final Object divisor, final Rendering rendering) {
        return rendering.operators().apply("%", value, divisor);
    }

    private static boolean alone(final String name, final Object value, final Rendering rendering) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == None.NONE;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "number" -> Numbers.isNumber(value);
            case "string" -> value instanceof Text;
            case "mapping" -> value instanceof DictValue;
            case "iterable" -> Values.isIterable(value);
            case "sequence" ->
                value instanceof Text
                        || value instanceof ListValue
                        || value instanceof DictValue
                        || value instanceof RangeValue
                        || value instanceof Undefined;
            case "callable" -> value instanceof Callable || value instanceof Undefined;
            case "odd" -> Values.equal(rest(value, 2L, rendering), 1L);
            case "even" -> Values.equal(rest(value, 2L, rendering), 0L);
            case "lower" -> Cases.isLower(rendering.str(value).value());
            case "upper" -> Cases.isUpper(rendering.str(value).value());
            case "escaped" -> value instanceof Text text && text.isSafe();
            case "filter" ->
                value instanceof Text text
                        && (Filters.NAMES.contains(text.value()) || Filters.OF_JINJA2.contains(text.value()));
            case "test" -> value instanceof Text text && NAMES.contains(text.value());
            default -> throw TemplateFault.unsupported("the test '" + name + "'");
        };
    }

    /** Identity. Python doesn't say which equal numbers and strings are one object. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(final Object left, final Object right) {
        final boolean plain = left instanceof Text || left instanceof Long || left instanceof Double;
        if (plain && left.getClass() == right.getClass()) {
            if (left instanceof Long a && right instanceof Long b && inCache(a) && inCache(b)) {
                return a.longValue() == b.longValue();
            }
            if (Values.equal(left, right)) {
                throw TemplateFault.unsupported("the test 'sameas' of equal strings or numbers");
            }
            return false;
        }
        if (left instanceof Boolean && right instanceof Boolean) {
            return left.equals(right);
        }
        return left == right;
    }

    private static boolean inCache(final long number) {
        return number >= -5 && number <= 256;
    }
}
