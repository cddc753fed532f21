package io.cheshire.model.core.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python's numbers: int (here 64 bits wide; more is refused), float, and bool, which is an int. */
final class Numbers {
    private static final Pattern REAL =
            Pattern.compile("[+-]?(\\d+(_\\d+)*\\.?(\\d+(_\\d+)*)?|\\.\\d+(_\\d+)*)([eE][+-]?\\d+(_\\d+)*)?");
    private static final Pattern WORD = Pattern.compile("(?i)([+-]?)(inf|infinity|nan)");
    private static final int MAX_DIGITS = 400;

    private Numbers() {}

    static boolean isNumber(final Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    static boolean isInt(final Object value) {
        return value instanceof Long || value instanceof Boolean;
    }

    static long asLong(final Object value) {
        return switch (value) {
            case Long number -> number;
            case Boolean flag -> flag ? 1 : 0;
            case Undefined undefined -> throw undefined.fault();
            default ->
                throw TemplateFault.failed(
                        "'" + Values.typeName(value) + "' object cannot be interpreted as an integer");
        };
    }

    static double asDouble(final Object value) {
        return value instanceof Double number ? number : (double) asLong(value);
    }

    static boolean equal(final Object left, final Object right) {
        if (isInt(left) && isInt(right)) {
            return asLong(left) == asLong(right);
        }
        final double a = asDouble(left);
        final double b = asDouble(right);
        return a == b && (Double.isInfinite(a) || compare(left, right) == 0);
    }

    static int compare(final Object left, final Object right) {
        if (isInt(left) && isInt(right)) {
            return Long.compare(asLong(left), asLong(right));
        }
        final double a = asDouble(left);
        final double b = asDouble(right);
        if (Double.isNaN(a) || Double.isNaN(b)) {
            throw TemplateFault.unsupported("ordering a number that is not one (nan)");
        }
        if (Double.isInfinite(a) || Double.isInfinite(b)) {
            return Double.compare(a, b);
        }
        return exact(left).compareTo(exact(right));
    }

    private static BigDecimal exact(final Object number) {
        return isInt(number) ? BigDecimal.valueOf(asLong(number)) : new BigDecimal(asDouble(number));
    }

    static TemplateFault tooWide() {
        return TemplateFault.unsupported("a number beyond 64 bits");
    }

    static Long literal(final String text, final int line) {
        final String plain = text.replace("_", "").toLowerCase(java.util.Locale.ROOT);
        try {
            if (plain.startsWith("0x")) {
                return Long.valueOf(plain.substring(2), 16);
            }
            if (plain.startsWith("0o")) {
                return Long.valueOf(plain.substring(2), 8);
            }
            return plain.startsWith("0b") ? Long.valueOf(plain.substring(2), 2) : Long.valueOf(plain);
        } catch (final NumberFormatException wide) {
            throw TemplateFault.unsupported("a number beyond 64 bits in line " + line);
        }
    }

    /** {@code int(text, base)}; null where Python raises a ValueError. */
    static @Nullable Long parseInt(final String text, final int base) {
        String digits = strip(text).toLowerCase(java.util.Locale.ROOT);
        final boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int radix = base;
        final int prefixed =
                digits.startsWith("0x") ? 16 : digits.startsWith("0o") ? 8 : digits.startsWith("0b") ? 2 : 0;
        if (prefixed != 0 && (base == 0 || base == prefixed)) {
            radix = prefixed;
            digits = digits.substring(2);
            digits = digits.startsWith("_") ? digits.substring(1) : digits;
        } else if (base == 0) {
            radix = 10;
            if (digits.matches("0+[0-9_]*[1-9][0-9_]*")) {
                return null;
            }
        }
        if (!digits.matches("[\\p{Nd}a-z]+(_[\\p{Nd}a-z]+)*")) {
            return null;
        }
        if (digits.length() > MAX_DIGITS) {
            throw tooWide();
        }
        try {
            final BigInteger value = new BigInteger((negative ? "-" : "") + digits.replace("_", ""), radix);
            if (value.bitLength() > 63) {
                throw tooWide();
            }
            return value.longValue();
        } catch (final NumberFormatException notOne) {
            return null;
        }
    }

    /** {@code float(text)}; null where Python raises a ValueError. */
    static @Nullable Double parseFloat(final String text) {
        final String plain = strip(text);
        final var word = WORD.matcher(plain);
        if (word.matches()) {
            final boolean nan = word.group(2).equalsIgnoreCase("nan");
            return nan ? Double.NaN : word.group(1).equals("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return REAL.matcher(plain).matches() ? Double.valueOf(plain.replace("_", "")) : null;
    }

    private static String strip(final String text) {
        final int start = Chars.startWithoutSpace(text, 0);
        return text.substring(start, Math.max(start, Chars.endWithoutSpace(text)));
    }

    /** {@code int(real)}. */
    static Long truncated(final double real) {
        if (Double.isNaN(real) || Double.isInfinite(real)) {
            throw TemplateFault.failed("cannot convert float " + repr(real) + " to integer");
        }
        if (Math.abs(real) >= 0x1p63) {
            throw tooWide();
        }
        return (long) real;
    }

    /** {@code round(value, digits)} with ties to even on the exact binary value. */
    static Object rounded(final Object value, final int digits) {
        if (isInt(value)) {
            if (digits >= 0) {
                return asLong(value);
            }
            return new BigDecimal(asLong(value))
                    .setScale(digits, RoundingMode.HALF_EVEN)
                    .longValueExact();
        }
        final double real = asDouble(value);
        if (Double.isNaN(real) || Double.isInfinite(real) || digits > MAX_DIGITS) {
            return real;
        }
        final double result = new BigDecimal(real)
                .setScale(Math.max(digits, -MAX_DIGITS), RoundingMode.HALF_EVEN)
                .doubleValue();
        return Math.copySign(result, real);
    }

    /** The shortest digits that give the number back, as Python writes them. */
    static String repr(final double real) {
        if (Double.isNaN(real)) {
            return "nan";
        }
        if (Double.isInfinite(real)) {
            return real > 0 ? "inf" : "-inf";
        }
        if (real == 0) {
            return 1 / real < 0 ? "-0.0" : "0.0";
        }
        final BigDecimal shortest = new BigDecimal(Double.toString(Math.abs(real))).stripTrailingZeros();
        final String digits = shortest.unscaledValue().toString();
        final int exponent = digits.length() - shortest.scale() - 1;
        final String sign = real < 0 ? "-" : "";
        if (exponent < -4 || exponent >= 16) {
            final String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
            return sign + digits.charAt(0) + (digits.length() > 1 ? "." + digits.substring(1) : "") + "e" + power;
        }
        final String plain = shortest.toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }
}
