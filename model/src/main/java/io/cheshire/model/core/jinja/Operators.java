package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;

/** Arithmetic, with Python's rules for strings and lists. */
final class Operators {
    private final Budget budget;
    private final PercentFormat percent;

    Operators(final Budget budget, final Printer printer) {
        this.budget = budget;
        this.percent = new PercentFormat(budget, printer);
    }

    Object apply(final String operator, final Object left, final Object right) {
        if (operator.equals("%") && left instanceof Text text) {
            return percent.format(text, right);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            try {
                return Numbers.isInt(left) && Numbers.isInt(right)
                        ? whole(operator, Numbers.asLong(left), Numbers.asLong(right))
                        : real(operator, Numbers.asDouble(left), Numbers.asDouble(right));
            } catch (final ArithmeticException wide) {
                throw Numbers.tooWide();
            }
        }
        if (operator.equals("+")) {
            if (left instanceof Text a && right instanceof Text b) {
                return plus(a, b);
            }
            if (left instanceof ListValue a && right instanceof ListValue b && a.isList() == b.isList()) {
                return joined(a, b);
            }
        }
        if (operator.equals("*")) {
            if (Numbers.isInt(right) && (left instanceof Text || left instanceof ListValue)) {
                return repeated(left, Numbers.asLong(right));
            }
            if (Numbers.isInt(left) && (right instanceof Text || right instanceof ListValue)) {
                return repeated(right, Numbers.asLong(left));
            }
        }
        throw TemplateFault.failed("unsupported operand type(s) for " + operator + ": '" + Values.typeName(left)
                + "' and '" + Values.typeName(right) + "'");
    }

    private Text plus(final Text left, final Text right) {
        final boolean safe = left.isSafe() || right.isSafe();
        if (!safe && left.isEmpty()) {
            return right;
        }
        return new TextBuilder(budget)
                .add(safe ? Escaping.html(left, budget) : left)
                .add(safe ? Escaping.html(right, budget) : right)
                .text(safe);
    }

    private ListValue joined(final ListValue left, final ListValue right) {
        budget.items((long) left.items().size() + right.items().size());
        final List<Object> items = new ArrayList<>(left.items());
        items.addAll(right.items());
        return new ListValue(left.isList() ? ListValue.Kind.LIST : ListValue.Kind.TUPLE, items);
    }

    private Object repeated(final Object value, final long times) {
        final long count = Math.max(0, times);
        if (value instanceof Text text) {
            if (text.isEmpty()) {
                return text;
            }
            budget.chars(0, Math.min(count, Integer.MAX_VALUE) * text.units());
            final TextBuilder out = new TextBuilder(budget);
            for (long i = 0; i < count; i++) {
                out.add(text);
            }
            return out.text(text.isSafe());
        }
        final ListValue list = (ListValue) value;
        if (list.items().isEmpty()) {
            return list;
        }
        budget.items(Math.min(count, Integer.MAX_VALUE) * list.items().size());
        final List<Object> items = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            items.addAll(list.items());
        }
        return new ListValue(list.isList() ? ListValue.Kind.LIST : ListValue.Kind.TUPLE, items);
    }

    private static Object whole(final String operator, final long left, final long right) {
        return switch (operator) {
            case "+" -> Math.addExact(left, right);
            case "-" -> Math.subtractExact(left, right);
            case "*" -> Math.multiplyExact(left, right);
            case "/" -> divided(left, right);
            case "//" -> {
                nonZero(right == 0, "integer division or modulo by zero");
                yield Math.floorDivExact(left, right);
            }
            case "%" -> {
                nonZero(right == 0, "integer modulo by zero");
                yield Math.floorMod(left, right);
            }
            default -> power(left, right);
        };
    }

    private static Object divided(final long left, final long right) {
        nonZero(right == 0, "division by zero");
        // Python divides the exact integers; beyond 53 bits a quotient of rounded numbers may differ.
        if (Math.abs(left) > 1L << 53 || Math.abs(right) > 1L << 53) {
            throw Numbers.tooWide();
        }
        return (double) left / (double) right;
    }

    private static Object power(final long base, final long exponent) {
        if (exponent < 0) {
            nonZero(base == 0, "0.0 cannot be raised to a negative power");
            return StrictMath.pow((double) base, (double) exponent);
        }
        long result = 1;
        if (base == 0 || base == 1) {
            return exponent == 0 ? 1L : base;
        }
        for (long i = 0; i < exponent; i++) {
            result = Math.multiplyExact(result, base);
            if (base == -1 && i > 1) {
                return exponent % 2 == 0 ? 1L : -1L;
            }
        }
        return result;
    }

    private static void nonZero(final boolean zero, final String message) {
        if (zero) {
            throw TemplateFault.failed(message);
        }
    }

    private static Object real(final String operator, final double left, final double right) {
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> {
                nonZero(right == 0, "float division by zero");
                yield left / right;
            }
            case "//" -> {
                nonZero(right == 0, "float floor division by zero");
                yield floorDivided(left, right);
            }
            case "%" -> {
                nonZero(right == 0, "float modulo");
                yield modulo(left, right);
            }
            default -> realPower(left, right);
        };
    }

    private static double modulo(final double left, final double right) {
        final double rest = left % right;
        if (rest == 0) {
            return Math.copySign(0.0, right);
        }
        return (right < 0) == (rest < 0) ? rest : rest + right;
    }

    private static double floorDivided(final double left, final double right) {
        double rest = left % right;
        double quotient = (left - rest) / right;
        if (rest != 0 && (right < 0) != (rest < 0)) {
            rest += right;
            quotient -= 1.0;
        }
        if (quotient == 0) {
            return Math.copySign(0.0, left / right);
        }
        final double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1.0 : floor;
    }

    private static double realPower(final double base, final double exponent) {
        if (base == 0 && exponent < 0) {
            throw TemplateFault.failed("0.0 cannot be raised to a negative power");
        }
        if (base < 0 && exponent != Math.rint(exponent)) {
            throw TemplateFault.unsupported("a complex number");
        }
        final double result = StrictMath.pow(base, exponent);
        if (Double.isInfinite(result) && !Double.isInfinite(base) && !Double.isInfinite(exponent)) {
            throw TemplateFault.failed("Numerical result out of range");
        }
        return result;
    }

    Object signed(final char operator, final Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.fault();
        }
        if (!Numbers.isNumber(value)) {
            throw TemplateFault.failed("bad operand type for unary " + operator + ": '" + Values.typeName(value) + "'");
        }
        if (value instanceof Double real) {
            return operator == '-' ? -real : real;
        }
        final long whole = Numbers.asLong(value);
        if (whole == Long.MIN_VALUE) {
            throw Numbers.tooWide();
        }
        return operator == '-' ? -whole : whole;
    }
}
