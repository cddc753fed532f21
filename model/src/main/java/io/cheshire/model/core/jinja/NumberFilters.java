package io.cheshire.model.core.jinja;

import java.util.Map;

/** Filters on numbers. */
final class NumberFilters {
    private final Rendering rendering;

    NumberFilters(final Rendering rendering) {
        this.rendering = rendering;
    }

    void register(final Map<String, FilterFunction> filters) {
        filters.put("abs", this::abs);
        filters.put("int", NumberFilters::toInt);
        filters.put("float", NumberFilters::toFloat);
        filters.put("round", this::round);
    }

    private Object abs(final Object value, final CallArgs args) {
        args.bind("abs", 0);
        if (value instanceof Double real) {
            return Math.abs(real);
        }
        if (!Numbers.isInt(value)) {
            throw TemplateFault.failed("bad operand type for abs(): '" + Values.typeName(value) + "'");
        }
        final long whole = Numbers.asLong(value);
        return whole < 0 ? rendering.operators().signed('-', whole) : whole;
    }

    private static Object toInt(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("int", 0, "default", "base");
        final Object otherwise = bound.get(0, 0L);
        return switch (value) {
            case Undefined undefined -> throw undefined.fault();
            case Text text -> {
                final Long whole = Numbers.parseInt(text.value(), (int) Numbers.asLong(bound.get(1, 10L)));
                final Double real = whole != null ? null : Numbers.parseFloat(text.value());
                yield whole != null ? whole : real != null ? truncated(real, otherwise) : otherwise;
            }
            case Double real -> {
                if (Double.isInfinite(real)) {
                    throw TemplateFault.failed("cannot convert float infinity to integer");
                }
                yield truncated(real, otherwise);
            }
            default -> Numbers.isInt(value) ? Numbers.asLong(value) : otherwise;
        };
    }

    private static Object truncated(final double real, final Object otherwise) {
        return Double.isNaN(real) || Double.isInfinite(real) ? otherwise : Numbers.truncated(real);
    }

    private static Object toFloat(final Object value, final CallArgs args) {
        final Object otherwise = args.bind("float", 0, "default").get(0, 0.0);
        return switch (value) {
            case Undefined undefined -> throw undefined.fault();
            case Text text -> {
                final Double real = Numbers.parseFloat(text.value());
                yield real != null ? real : otherwise;
            }
            default -> Numbers.isNumber(value) ? Numbers.asDouble(value) : otherwise;
        };
    }

    private Object round(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("round", 0, "precision", "method");
        if (!Numbers.isNumber(value)) {
            throw TemplateFault.failed("type " + Values.typeName(value) + " doesn't define __round__ method");
        }
        final Object digits = bound.get(0, 0L);
        final String method = TextOps.text(bound.get(1, Text.of("common"))).value();
        return switch (method) {
            case "common" -> Numbers.rounded(value, Math.clamp(Numbers.asLong(digits), -1000, 1000));
            case "ceil", "floor" -> {
                final Object power = rendering.operators().apply("**", 10L, digits);
                final double scaled = Numbers.asDouble(rendering.operators().apply("*", value, power));
                final long whole = Numbers.truncated(method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled));
                yield rendering.operators().apply("/", whole, power);
            }
            default -> throw TemplateFault.failed("method must be common, ceil or floor");
        };
    }
}
