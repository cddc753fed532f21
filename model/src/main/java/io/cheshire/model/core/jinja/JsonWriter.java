package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The filter tojson as Hugging Face's tokenizers define it: {@code json.dumps} with characters as they are. */
final class JsonWriter {
    private final Budget budget;

    JsonWriter(final Budget budget) {
        this.budget = budget;
    }

    /**
     * How to write.
     *
     * @param margin of one level; null for all on one line
     */
    private record Style(boolean ascii, @Nullable Text margin, Text comma, Text colon, boolean sorted) {}

    Text write(final Object value, final CallArgs.Bound args) {
        final Object indent = args.get(1, None.NONE);
        final Text margin = switch (indent) {
            case None _ -> null;
            case Text text -> text;
            default -> spaces(Numbers.asLong(indent));
        };
        Text comma = Text.of(margin == null ? ", " : ",");
        Text colon = Text.of(": ");
        if (args.get(2, None.NONE) != None.NONE) {
            final List<Object> separators = Values.items(args.get(2), budget);
            if (separators.size() != 2) {
                throw TemplateFault.failed("separators must be a pair");
            }
            comma = TextOps.text(separators.get(0));
            colon = TextOps.text(separators.get(1));
        }
        final TextBuilder out = new TextBuilder(budget);
        write(value, new Style(args.isTrue(0, false), margin, comma, colon, args.isTrue(3, false)), 0, out);
        return out.text();
    }

    private Text spaces(final long count) {
        budget.chars(0, Math.max(0, count));
        return Text.of(" ".repeat((int) Math.max(0, count)));
    }

    private void write(final Object value, final Style style, final int level, final TextBuilder out) {
        switch (value) {
            case Text text -> string(text, style.ascii(), out);
            case Boolean flag -> out.add(flag ? "true" : "false");
            case None _ -> out.add("null");
            case Long number -> out.add(number.toString());
            case Double number -> out.add(real(number));
            case ListValue list -> list(list, style, level, out);
            case DictValue dict -> dict(dict, style, level, out);
            default ->
                throw TemplateFault.failed("Object of type " + Values.typeName(value) + " is not JSON serializable");
        }
    }

    private static String real(final double number) {
        if (Double.isNaN(number)) {
            return "NaN";
        }
        return Double.isInfinite(number) ? (number > 0 ? "Infinity" : "-Infinity") : Numbers.repr(number);
    }

    private void list(final ListValue list, final Style style, final int level, final TextBuilder out) {
        if (list.items().isEmpty()) {
            out.add("[]");
            return;
        }
        budget.enter();
        out.add("[");
        boolean first = true;
        for (final Object item : list.items()) {
            next(first, style, level + 1, out);
            first = false;
            write(item, style, level + 1, out);
        }
        line(style, level, out);
        out.add("]");
        budget.leave();
    }

    private static void next(final boolean first, final Style style, final int level, final TextBuilder out) {
        if (!first) {
            out.add(style.comma());
        }
        line(style, level, out);
    }

    private static void line(final Style style, final int level, final TextBuilder out) {
        if (style.margin() != null) {
            out.add("\n");
            for (int i = 0; i < level; i++) {
                out.add(style.margin());
            }
        }
    }

    private void dict(final DictValue dict, final Style style, final int level, final TextBuilder out) {
        if (dict.size() == 0) {
            out.add("{}");
            return;
        }
        budget.enter();
        final List<DictValue.Entry> entries = new ArrayList<>(dict.entries());
        if (style.sorted()) {
            entries.sort((a, b) -> Values.compare(a.key(), b.key(), "<"));
        }
        out.add("{");
        final Iterator<DictValue.Entry> iterator = entries.iterator();
        for (boolean first = true; iterator.hasNext(); first = false) {
            final DictValue.Entry entry = iterator.next();
            next(first, style, level + 1, out);
            string(key(entry.key()), style.ascii(), out);
            out.add(style.colon());
            write(entry.value(), style, level + 1, out);
        }
        line(style, level, out);
        out.add("}");
        budget.leave();
    }

    private static Text key(final Object key) {
        return switch (key) {
            case Text text -> text;
            case Boolean flag -> Text.of(flag ? "true" : "false");
            case None _ -> Text.of("null");
            case Long number -> Text.of(number.toString());
            case Double number -> Text.of(real(number));
            default ->
                throw TemplateFault.failed("keys must be str, int, float, bool or None, not " + Values.typeName(key));
        };
    }

    private static void string(final Text text, final boolean ascii, final TextBuilder out) {
        final String value = text.value();
        out.add("\"");
        int plain = 0;
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            if (c < 0x20 || c == '"' || c == '\\' || (ascii && c > 0x7e)) {
                out.add(text.sub(plain, i)).add(escaped(c), text, i);
                plain = i + 1;
            }
        }
        out.add(text.sub(plain, value.length())).add("\"");
    }

    private static String escaped(final char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            default -> c == 0x7f ? "\u007f" : String.format("\\u%04x", (int) c);
        };
    }
}
