package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Filters on strings. Most take a value of any type and print it first. */
final class TextFilters {
    private static final int TRUNCATE_LEEWAY = 5;

    private final Rendering rendering;
    private final TextOps ops;
    private final Splits splits;
    private final JsonWriter json;

    TextFilters(final Rendering rendering) {
        this.rendering = rendering;
        this.ops = new TextOps(rendering);
        this.splits = new Splits(rendering);
        this.json = new JsonWriter(rendering.budget());
    }

    void register(final Map<String, FilterFunction> filters) {
        plain(filters, "upper", ops::upper);
        plain(filters, "lower", ops::lower);
        plain(filters, "capitalize", ops::capitalize);
        plain(filters, "title", ops::titleOfWords);
        plain(filters, "string", text -> text);
        plain(filters, "safe", text -> text.withSafe(true));
        plain(filters, "escape", text -> Escaping.html(text, rendering.budget()));
        plain(filters, "e", text -> Escaping.html(text, rendering.budget()));
        plain(filters, "wordcount", text -> words(text.value()));
        filters.put(
                "trim",
                (value, args) -> ops.strip(
                        rendering.str(value), args.bind("trim", 0, "chars").get(0, None.NONE), true, true));
        filters.put(
                "center",
                (value, args) -> ops.padded(
                        rendering.str(value), args.bind("center", 0, "width").get(0, 80L), Text.of(" "), "center"));
        filters.put("replace", this::replace);
        filters.put("indent", this::indent);
        filters.put("truncate", this::truncate);
        filters.put("format", this::format);
        filters.put("urlencode", this::urlencode);
        filters.put(
                "tojson",
                (value, args) ->
                        json.write(value, args.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys")));
    }

    private void plain(
            final Map<String, FilterFunction> filters,
            final String name,
            final java.util.function.Function<Text, Object> function) {
        filters.put(name, (value, args) -> {
            args.bind(name, 0);
            return function.apply(rendering.str(value));
        });
    }

    private static Object words(final String text) {
        long count = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); ) {
            final int c = text.codePointAt(i);
            i += Character.charCount(c);
            final boolean word = Chars.isWord(c);
            count += word && !inWord ? 1 : 0;
            inWord = word;
        }
        return count;
    }

    private Object replace(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("replace", 2, "old", "new", "count");
        final Object count = bound.get(2, None.NONE);
        return ops.replace(
                rendering.str(value).withSafe(false),
                rendering.str(bound.get(0)),
                rendering.str(bound.get(1)),
                count == None.NONE ? -1 : Numbers.asLong(count));
    }

    private Object indent(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("indent", 0, "width", "first", "blank");
        final Text text = TextOps.text(value);
        final Object width = bound.get(0, 4L);
        if (text.isSafe()) {
            throw TemplateFault.unsupported("the filter 'indent' on a string marked safe");
        }
        final Text margin = width instanceof Text given
                ? given
                : (Text) rendering.operators().apply("*", Text.of(" "), Numbers.asLong(width));
        final boolean blank = bound.isTrue(2, false);
        final List<Object> lines =
                splits.lines(rendering.builder().add(text).add("\n").text(), false);
        final TextBuilder out = rendering.builder();
        for (int i = 0; i < lines.size(); i++) {
            final Text line = (Text) lines.get(i);
            if (i > 0) {
                out.add("\n");
            }
            if (i == 0 ? bound.isTrue(1, false) : blank || !line.isEmpty()) {
                out.add(margin);
            }
            out.add(line);
        }
        return out.text();
    }

    private Object truncate(final Object value, final CallArgs args) {
        final CallArgs.Bound bound = args.bind("truncate", 0, "length", "killwords", "end", "leeway");
        final long length = Numbers.asLong(bound.get(0, 255L));
        final Text end = TextOps.text(bound.get(2, Text.of("...")));
        final Object leeway = bound.get(3, None.NONE);
        final long tolerance = leeway == None.NONE ? TRUNCATE_LEEWAY : Numbers.asLong(leeway);
        if (length < end.points() || tolerance < 0) {
            throw TemplateFault.failed("expected length >= " + end.points() + ", got " + length);
        }
        if (Values.length(value) <= length + tolerance) {
            return value;
        }
        final Text text = TextOps.text(value);
        Text kept = text.sub(0, text.unitOf((int) length - end.points()));
        if (!bound.isTrue(1, false)) {
            final int blank = kept.value().lastIndexOf(' ');
            kept = blank < 0 ? kept : kept.sub(0, blank);
        }
        return rendering.operators().apply("+", kept, end);
    }

    private Object format(final Object value, final CallArgs args) {
        if (!args.positional().isEmpty() && !args.named().isEmpty()) {
            throw TemplateFault.failed("can't handle positional and keyword arguments at the same time");
        }
        if (args.named().isEmpty()) {
            return rendering.operators().apply("%", rendering.str(value), ListValue.tuple(args.positional()));
        }
        final DictValue named = new DictValue();
        args.named().forEach((key, item) -> named.put(Text.of(key), item));
        return rendering.operators().apply("%", rendering.str(value), named);
    }

    private Object urlencode(final Object value, final CallArgs args) {
        args.bind("urlencode", 0);
        if (value instanceof Text || !Values.isIterable(value)) {
            return Escaping.url(rendering.str(value), false, rendering.budget());
        }
        final Object pairs = value instanceof DictValue dict ? new DictView(DictView.Part.ITEMS, dict) : value;
        final List<Object> parts = new ArrayList<>();
        for (final Object pair : Values.items(pairs, rendering.budget())) {
            final List<Object> items = Values.items(pair, rendering.budget());
            if (items.size() != 2) {
                throw TemplateFault.failed("urlencode takes a dict or pairs");
            }
            parts.add(rendering
                    .builder()
                    .add(Escaping.url(rendering.str(items.get(0)), true, rendering.budget()))
                    .add("=")
                    .add(Escaping.url(rendering.str(items.get(1)), true, rendering.budget()))
                    .text());
        }
        return ops.join(Text.of("&"), ListValue.list(parts), false);
    }
}
