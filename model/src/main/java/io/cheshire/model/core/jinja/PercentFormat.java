package io.cheshire.model.core.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code '%s' % values}: the conversions s, r, d, i, u, f, x, X, o and %. */
final class PercentFormat {
    private static final Pattern SPEC =
            Pattern.compile("%(?:\\(([^()]*)\\))?([-+ 0#]*)(\\d+|\\*)?(?:\\.(\\d+|\\*)?)?[hlL]?(.)", Pattern.DOTALL);
    private static final int MAX_WIDTH = 10_000;

    private final Budget budget;
    private final Printer printer;

    PercentFormat(final Budget budget, final Printer printer) {
        this.budget = budget;
        this.printer = printer;
    }

    Text format(final Text format, final Object values) {
        if (format.isSafe()) {
            throw TemplateFault.unsupported("formatting (%) a string marked safe");
        }
        final List<Object> list =
                values instanceof ListValue tuple && !tuple.isList() ? tuple.items() : List.of(values);
        final TextBuilder out = new TextBuilder(budget);
        final String source = format.value();
        final Matcher matcher = SPEC.matcher(source);
        int plain = 0;
        int used = 0;
        boolean byName = false;
        for (int at = source.indexOf('%'); at >= 0; at = source.indexOf('%', plain)) {
            out.add(format.sub(plain, at));
            if (!matcher.region(at, source.length()).lookingAt()) {
                throw TemplateFault.failed("incomplete format");
            }
            plain = matcher.end();
            final char kind = matcher.group(5).charAt(0);
            if (kind == '%') {
                out.add("%", format, at);
                continue;
            }
            final Object value;
            if (matcher.group(1) != null) {
                byName = true;
                value = named(values, matcher.group(1));
            } else if (used < list.size()) {
                value = list.get(used++);
            } else {
                throw TemplateFault.failed("not enough arguments for format string");
            }
            out.add(converted(matcher, kind, value));
        }
        out.add(format.sub(plain, source.length()));
        if (used < list.size() && !byName && !mayBeIndexed(values)) {
            throw TemplateFault.failed("not all arguments converted during string formatting");
        }
        return out.text();
    }

    /** Python then takes it for a mapping of which nothing needs to be used. */
    private static boolean mayBeIndexed(final Object values) {
        return values instanceof DictValue
                || values instanceof RangeValue
                || values instanceof Undefined
                || (values instanceof ListValue list && list.isList());
    }

    private static Object named(final Object values, final String name) {
        if (!(values instanceof DictValue dict)) {
            throw TemplateFault.failed("format requires a mapping");
        }
        final Object value = dict.get(Text.of(name));
        if (value == null) {
            throw TemplateFault.failed("'" + name + "'");
        }
        return value;
    }

    private Text converted(final Matcher spec, final char kind, final Object value) {
        final String flags = spec.group(2);
        if ("*".equals(spec.group(3)) || "*".equals(spec.group(4))) {
            throw TemplateFault.unsupported("a width by argument in a % format");
        }
        final int width = number(spec.group(3), 0);
        final boolean hasPrecision = spec.group()
                        .indexOf('.', spec.group(1) == null ? 0 : spec.group(1).length())
                >= 0;
        final int precision = hasPrecision ? number(spec.group(4), 0) : -1;
        return switch (kind) {
            case 's', 'r' -> {
                final Text text = kind == 's' ? printer.str(value) : printer.reprText(value);
                final Text cut =
                        precision >= 0 && precision < text.points() ? text.sub(0, text.unitOf(precision)) : text;
                yield padded(cut, flags.replace("0", ""), width);
            }
            case 'd', 'i', 'u' -> padded(Text.of(sign(decimal(value, precision), flags)), flags, width);
            case 'x', 'X', 'o' -> padded(Text.of(sign(radix(value, kind, precision, flags), flags)), flags, width);
            case 'f', 'F' -> padded(Text.of(sign(fixed(value, precision), flags)), flags, width);
            default -> throw TemplateFault.unsupported("the conversion %" + kind);
        };
    }

    private static int number(final String digits, final int otherwise) {
        if (digits == null || digits.isEmpty()) {
            return otherwise;
        }
        if (digits.length() > 5 || Integer.parseInt(digits) > MAX_WIDTH) {
            throw new TemplateFault(
                    TemplateFault.Kind.LIMIT, "a width of " + digits + " in a % format; the limit is " + MAX_WIDTH);
        }
        return Integer.parseInt(digits);
    }

    private static String decimal(final Object value, final int precision) {
        if (!Numbers.isNumber(value)) {
            throw TemplateFault.failed("%d format: a real number is required, not " + Values.typeName(value));
        }
        final long whole = value instanceof Double real ? Numbers.truncated(real) : Numbers.asLong(value);
        final String digits = Long.toString(Math.absExact(whole));
        return (whole < 0 ? "-" : "") + "0".repeat(Math.max(0, precision - digits.length())) + digits;
    }

    private static String radix(final Object value, final char kind, final int precision, final String flags) {
        if (!Numbers.isInt(value)) {
            throw TemplateFault.failed("%" + kind + " format: an integer is required, not " + Values.typeName(value));
        }
        final long whole = Numbers.asLong(value);
        final String digits = Long.toString(Math.absExact(whole), kind == 'o' ? 8 : 16);
        final String prefix = flags.indexOf('#') < 0 ? "" : "0" + Character.toLowerCase(kind);
        final String text =
                (whole < 0 ? "-" : "") + prefix + "0".repeat(Math.max(0, precision - digits.length())) + digits;
        return kind == 'X' ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String fixed(final Object value, final int precision) {
        if (!Numbers.isNumber(value)) {
            throw TemplateFault.failed("must be real number, not " + Values.typeName(value));
        }
        final double real = Numbers.asDouble(value);
        if (Double.isNaN(real) || Double.isInfinite(real)) {
            return Numbers.repr(real);
        }
        final String digits = new BigDecimal(real)
                .abs()
                .setScale(precision < 0 ? 6 : precision, RoundingMode.HALF_EVEN)
                .toPlainString();
        return (real < 0 || 1 / real < 0 ? "-" : "") + digits;
    }

    private static String sign(final String number, final String flags) {
        if (number.startsWith("-")) {
            return number;
        }
        return flags.indexOf('+') >= 0 ? "+" + number : flags.indexOf(' ') >= 0 ? " " + number : number;
    }

    private Text padded(final Text text, final String flags, final int width) {
        final int missing = width - text.points();
        if (missing <= 0) {
            return text;
        }
        final TextBuilder out = new TextBuilder(budget);
        if (flags.indexOf('-') >= 0) {
            return out.add(text).add(" ".repeat(missing)).text();
        }
        if (flags.indexOf('0') < 0) {
            return out.add(" ".repeat(missing)).add(text).text();
        }
        final boolean signed = !text.isEmpty() && "+- ".indexOf(text.value().charAt(0)) >= 0;
        int head = signed ? 1 : 0;
        head += text.value().startsWith("0x", head) || text.value().startsWith("0X", head) ? 2 : 0;
        return out.add(text.sub(0, head))
                .add("0".repeat(missing))
                .add(text.sub(head, text.units()))
                .text();
    }
}
