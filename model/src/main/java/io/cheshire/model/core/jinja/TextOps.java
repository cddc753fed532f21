package io.cheshire.model.core.jinja;

import java.util.Iterator;
import java.util.List;

/** Operations on strings. All keep track of who wrote what. */
final class TextOps {
    /** Gives the characters that stand for the one at {@code unit}. */
    @FunctionalInterface
    private interface Mapping {
        String map(int c, int unit);
    }

    private final Rendering rendering;

    TextOps(final Rendering rendering) {
        this.rendering = rendering;
    }

    static Text text(final Object value) {
        if (value instanceof Text text) {
            return text;
        }
        throw TemplateFault.failed("must be str, not " + Values.typeName(value));
    }

    private Text mapped(final Text text, final Mapping mapping) {
        final TextBuilder out = rendering.builder();
        final String value = text.value();
        final StringBuilder stretch = new StringBuilder();
        for (int i = 0; i < value.length(); ) {
            final int end = text.sameOriginUntil(i);
            final int start = i;
            stretch.setLength(0);
            while (i < end) {
                final int c = value.codePointAt(i);
                stretch.append(mapping.map(c, i));
                i += Character.charCount(c);
            }
            out.add(stretch.toString(), text, start);
        }
        return out.text(text.isSafe());
    }

    Text upper(final Text text) {
        return mapped(text, (c, unit) -> Cases.upper(c));
    }

    Text lower(final Text text) {
        return mapped(text, (c, unit) -> Cases.lower(text.value(), unit));
    }

    Text casefold(final Text text) {
        return mapped(text, (c, unit) -> {
            if (c == 'ß' || c == 'ẞ') {
                return "ss";
            }
            final String upper = Cases.upper(c);
            return c > 0x7f && upper.length() > Character.charCount(c)
                    ? upper.toLowerCase(java.util.Locale.ROOT)
                    : c == 0x3c2 ? "σ" : Cases.lower(Character.toString(c) + "a", 0);
        });
    }

    Text swapcase(final Text text) {
        return mapped(
                text,
                (c, unit) -> Character.isUpperCase(c)
                        ? Cases.lower(text.value(), unit)
                        : Character.isLowerCase(c) ? Cases.upper(c) : Character.toString(c));
    }

    Text capitalize(final Text text) {
        return mapped(text, (c, unit) -> unit == 0 ? Cases.title(c) : Cases.lower(text.value(), unit));
    }

    /** The method: a word begins after anything that has no case. */
    Text title(final Text text) {
        final boolean[] inWord = new boolean[1];
        return mapped(text, (c, unit) -> {
            final boolean first = !inWord[0];
            inWord[0] = Chars.isCased(c);
            return first ? Cases.title(c) : Cases.lower(text.value(), unit);
        });
    }

    /** The filter: a word begins after white space, a hyphen or an opening bracket. */
    Text titleOfWords(final Text text) {
        return mapped(text, (c, unit) -> {
                    final boolean first = unit == 0 || isSeparator(text.value().codePointBefore(unit));
                    if (first || isSeparator(c)) {
                        return isSeparator(c) ? Character.toString(c) : Cases.upper(c);
                    }
                    return lowerInWord(text.value(), unit);
                })
                .withSafe(false);
    }

    /** The filter lowers each word by itself, without its first letter: a final sigma sees no more than that. */
    private static String lowerInWord(final String text, final int unit) {
        int start = unit;
        while (start > 0 && !isSeparator(text.codePointBefore(start))) {
            start -= Character.charCount(text.codePointBefore(start));
        }
        start += Character.charCount(text.codePointAt(start));
        int end = unit;
        while (end < text.length() && !isSeparator(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return text.codePointAt(unit) == 0x3a3
                ? Cases.lower(text.substring(start, end), unit - start)
                : Cases.lower(text, unit);
    }

    private static boolean isSeparator(final int c) {
        return Chars.isSpace(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
    }

    /** @param chars characters to take away, or None for white space */
    Text strip(final Text text, final Object chars, final boolean left, final boolean right) {
        final String value = text.value();
        final String set = chars == None.NONE ? null : text(chars).value();
        int start = 0;
        int end = value.length();
        while (left && start < end && isOf(value.codePointAt(start), set)) {
            start += Character.charCount(value.codePointAt(start));
        }
        while (right && end > start && isOf(value.codePointBefore(end), set)) {
            end -= Character.charCount(value.codePointBefore(end));
        }
        return text.sub(start, end);
    }

    private static boolean isOf(final int c, final @org.jspecify.annotations.Nullable String set) {
        return set == null ? Chars.isSpace(c) : set.indexOf(c) >= 0;
    }

    Text padded(final Text text, final Object width, final Text fill, final String how) {
        if (fill.points() != 1) {
            throw TemplateFault.failed("The fill character must be exactly one character long");
        }
        final long missing = Numbers.asLong(width) - text.points();
        if (missing <= 0) {
            return text;
        }
        final long left = switch (how) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            default -> missing / 2 + (missing & Numbers.asLong(width) & 1);
        };
        final TextBuilder out = rendering.builder();
        repeat(out, fill, left);
        out.add(text);
        repeat(out, fill, missing - left);
        return out.text(text.isSafe());
    }

    private void repeat(final TextBuilder out, final Text text, final long times) {
        rendering.budget().chars(out.units(), times);
        for (long i = 0; i < times; i++) {
            out.add(text);
        }
    }

    Text zeroFilled(final Text text, final Object width) {
        final long missing = Numbers.asLong(width) - text.points();
        if (missing <= 0) {
            return text;
        }
        final boolean signed = text.value().startsWith("-") || text.value().startsWith("+");
        final TextBuilder out = rendering.builder().add(text.sub(0, signed ? 1 : 0));
        repeat(out, Text.of("0"), missing);
        return out.add(text.sub(signed ? 1 : 0, text.units())).text();
    }

    /** Start and end in units, as {@code find(what, start, end)} has them; null if start lies behind the end. */
    private static int @org.jspecify.annotations.Nullable [] window(final Text text, final List<Object> args) {
        final int points = text.points();
        final long start = args.size() > 1 && args.get(1) != None.NONE ? Numbers.asLong(args.get(1)) : 0;
        final long end = args.size() > 2 && args.get(2) != None.NONE ? Numbers.asLong(args.get(2)) : points;
        final long from = start < 0 ? Math.max(0, start + points) : start;
        final long to = Math.clamp(end < 0 ? end + points : end, 0, points);
        return from > to ? null : new int[] {text.unitOf((int) from), text.unitOf((int) to)};
    }

    Object affix(final Text text, final List<Object> args, final boolean start) {
        final List<Object> wanted =
                args.get(0) instanceof ListValue tuple && !tuple.isList() ? tuple.items() : List.of(args.get(0));
        final int[] window = window(text, args);
        boolean found = false;
        for (final Object affix : wanted) {
            final String part = text(affix).value();
            found |= window != null
                    && window[1] - window[0] >= part.length()
                    && text.value().startsWith(part, start ? window[0] : window[1] - part.length());
        }
        return found;
    }

    long find(final Text text, final List<Object> args, final boolean last) {
        final String part = text(args.get(0)).value();
        final int[] window = window(text, args);
        if (window == null) {
            return -1;
        }
        final String within = text.value().substring(window[0], window[1]);
        final int at = last ? within.lastIndexOf(part) : within.indexOf(part);
        return at < 0 ? -1 : text.pointOf(window[0] + at);
    }

    Object count(final Text text, final List<Object> args) {
        final String part = text(args.get(0)).value();
        final int[] window = window(text, args);
        if (window == null) {
            return 0L;
        }
        final String within = text.value().substring(window[0], window[1]);
        if (part.isEmpty()) {
            return within.codePointCount(0, within.length()) + 1L;
        }
        long count = 0;
        for (int at = within.indexOf(part); at >= 0; at = within.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    /** @param count at most so many; all if negative */
    Text replace(final Text text, final Text old, final Text with, final long count) {
        final String value = text.value();
        final TextBuilder out = rendering.builder();
        long left = count < 0 ? Long.MAX_VALUE : count;
        int plain = 0;
        int at = value.indexOf(old.value());
        while (at >= 0 && left-- > 0) {
            out.add(text.sub(plain, at)).add(with);
            plain = at + old.units();
            if (old.isEmpty()) {
                if (at >= value.length()) {
                    break;
                }
                at = value.offsetByCodePoints(at, 1);
            } else {
                at = value.indexOf(old.value(), plain);
            }
        }
        return out.add(text.sub(plain, value.length())).text();
    }

    /** @param any take elements of any type; else all must be strings */
    Text join(final Text separator, final Object elements, final boolean any) {
        final TextBuilder out = rendering.builder();
        final Iterator<Object> iterator = Values.iterate(elements);
        for (boolean first = true; iterator.hasNext(); first = false) {
            final Object element = iterator.next();
            if (!first) {
                out.add(separator);
            }
            out.add(any ? rendering.str(element) : text(element));
        }
        return out.text();
    }

    /** {@code '{} {name}'.format(…)} without conversions and widths. */
    Text format(final Text format, final CallArgs args) {
        final String value = format.value();
        final TextBuilder out = rendering.builder();
        int plain = 0;
        int automatic = 0;
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            if (c != '{' && c != '}') {
                continue;
            }
            out.add(format.sub(plain, i));
            if (i + 1 < value.length() && value.charAt(i + 1) == c) {
                out.add(format.sub(i, i + 1));
                i++;
            } else {
                final int end = c == '}' ? -1 : value.indexOf('}', i);
                if (end < 0) {
                    throw TemplateFault.failed("Single '" + c + "' encountered in format string");
                }
                final String field = value.substring(i + 1, end);
                out.add(rendering.str(field(field.isEmpty() ? Integer.toString(automatic++) : field, args)));
                i = end;
            }
            plain = i + 1;
        }
        return out.add(format.sub(plain, value.length())).text();
    }

    private static Object field(final String name, final CallArgs args) {
        if (!name.matches("\\w+")) {
            throw TemplateFault.unsupported("the field {" + name + "} in a string that is formatted");
        }
        final Object value;
        if (name.matches("\\d{1,4}")) {
            final int index = Integer.parseInt(name);
            value = index < args.positional().size() ? args.positional().get(index) : null;
        } else {
            value = args.named().get(name);
        }
        if (value == null) {
            throw TemplateFault.failed("no value for the field {" + name + "}");
        }
        return value;
    }
}
