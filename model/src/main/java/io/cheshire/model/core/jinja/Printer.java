package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;

/** {@code str()} and {@code repr()}. What would show an address of memory is refused. */
final class Printer {
    private final Budget budget;

    Printer(final Budget budget) {
        this.budget = budget;
    }

    /** For error messages only. */
    static String repr(final Object value) {
        return switch (value) {
            case Long number -> number.toString();
            case Double number -> Numbers.repr(number);
            case Boolean flag -> flag ? "True" : "False";
            case None _ -> "None";
            default -> Values.typeName(value);
        };
    }

    Text str(final Object value) {
        return switch (value) {
            case Text text -> text;
            case Undefined _ -> Text.EMPTY;
            default -> reprText(value);
        };
    }

    Text reprText(final Object value) {
        final TextBuilder out = new TextBuilder(budget);
        write(value, out);
        return out.text();
    }

    private void write(final Object value, final TextBuilder out) {
        switch (value) {
            case Text text -> quoted(text, out);
            case Long _, Double _, Boolean _, None _ -> out.add(repr(value));
            case Undefined _ -> out.add("Undefined");
            case ListValue list -> {
                out.add(list.isList() ? "[" : "(");
                all(list.items(), out);
                out.add(list.isList() ? "]" : list.items().size() == 1 ? ",)" : ")");
            }
            case DictValue dict -> dict(dict, out);
            case DictView view -> {
                out.add(Values.typeName(view)).add("([");
                final List<Object> items = new ArrayList<>();
                view.iterator().forEachRemaining(items::add);
                all(items, out);
                out.add("])");
            }
            case RangeValue range ->
                out.add("range(" + range.start() + ", " + range.stop() + (range.step() == 1 ? "" : ", " + range.step())
                        + ")");
            case NamespaceValue namespace -> {
                out.add("<Namespace ");
                dict(namespace.attributes(), out);
                out.add(">");
            }
            case Callable function -> out.add(function.printed());
            default -> throw TemplateFault.unsupported("printing a " + Values.typeName(value));
        }
    }

    private void all(final List<Object> items, final TextBuilder out) {
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                out.add(", ");
            }
            nested(items.get(i), out);
        }
    }

    private void nested(final Object value, final TextBuilder out) {
        budget.enter();
        if (value instanceof Text text && text.isSafe()) {
            out.add("Markup(");
            quoted(text, out);
            out.add(")");
        } else {
            write(value, out);
        }
        budget.leave();
    }

    private void dict(final DictValue dict, final TextBuilder out) {
        out.add("{");
        boolean first = true;
        for (final DictValue.Entry entry : dict.entries()) {
            if (!first) {
                out.add(", ");
            }
            first = false;
            nested(entry.key(), out);
            out.add(": ");
            nested(entry.value(), out);
        }
        out.add("}");
    }

    private static void quoted(final Text text, final TextBuilder out) {
        final String value = text.value();
        final char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
        out.add(String.valueOf(quote));
        int plain = 0;
        for (int i = 0; i < value.length(); ) {
            final int c = value.codePointAt(i);
            final int next = i + Character.charCount(c);
            if (c == quote || c == '\\' || !Chars.isPrintable(c)) {
                out.add(text.sub(plain, i)).add(escaped(c), text, i);
                plain = next;
            }
            i = next;
        }
        out.add(text.sub(plain, value.length())).add(String.valueOf(quote));
    }

    private static String escaped(final int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\\', '\'', '"' -> "\\" + (char) c;
            default ->
                c < 0x100
                        ? String.format("\\x%02x", c)
                        : c < 0x10000 ? String.format("\\u%04x", c) : String.format("\\U%08x", c);
        };
    }
}
