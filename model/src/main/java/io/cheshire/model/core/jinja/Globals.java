package io.cheshire.model.core.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Functions that every template may call. */
final class Globals {
    static final Set<String> NAMES = Set.of("range", "dict", "namespace", "raise_exception", "strftime_now");

    private final Rendering rendering;

    Globals(final Rendering rendering) {
        this.rendering = rendering;
    }

    Map<String, Object> all() {
        return Map.of(
                "range", (Callable) this::range,
                "dict", (Callable) this::dict,
                "namespace", (Callable) args -> new NamespaceValue((DictValue) dict(args)),
                "raise_exception", (Callable) this::raise,
                "strftime_now", (Callable) this::now);
    }

    private Object range(final CallArgs args) {
        final List<Object> given = args.positional();
        if (given.isEmpty() || given.size() > 3 || !args.named().isEmpty()) {
            throw TemplateFault.failed("range takes 1 to 3 arguments");
        }
        final long start = given.size() == 1 ? 0 : Numbers.asLong(given.get(0));
        final long stop = Numbers.asLong(given.get(given.size() == 1 ? 0 : 1));
        final long step = given.size() == 3 ? Numbers.asLong(given.get(2)) : 1;
        if (step == 0) {
            throw TemplateFault.failed("range() arg 3 must not be zero");
        }
        final long widest = 1L << 60;
        if (Math.max(Math.abs(start), Math.max(Math.abs(stop), Math.abs(step))) > widest) {
            throw Numbers.tooWide();
        }
        final RangeValue range = new RangeValue(start, stop, step);
        if (range.length() > RangeValue.MAX_LENGTH) {
            throw TemplateFault.failed("Range too big. The sandbox blocks ranges larger than " + RangeValue.MAX_LENGTH);
        }
        return range;
    }

    private Object dict(final CallArgs args) {
        final DictValue result = new DictValue();
        if (args.positional().size() > 1) {
            throw TemplateFault.failed(
                    "dict expected at most 1 argument, got " + args.positional().size());
        }
        if (!args.positional().isEmpty()) {
            if (args.positional().get(0) instanceof DictValue dict) {
                rendering.budget().items(dict.size());
                dict.entries().forEach(entry -> result.put(entry.key(), entry.value()));
            } else {
                for (final Object pair : Values.items(args.positional().get(0), rendering.budget())) {
                    final List<Object> items = Values.items(pair, rendering.budget());
                    if (items.size() != 2) {
                        throw TemplateFault.failed("dictionary update sequence needs pairs");
                    }
                    result.put(items.get(0), items.get(1));
                }
            }
        }
        rendering.budget().items(args.named().size());
        args.named().forEach((name, value) -> result.put(Text.of(name), value));
        return result;
    }

    private Object raise(final CallArgs args) {
        final Object message = args.bind("raise_exception", 1, "message").get(0);
        throw new TemplateFault(
                TemplateFault.Kind.RAISED, rendering.str(message).value());
    }

    private Object now(final CallArgs args) {
        final Text format = TextOps.text(args.bind("strftime_now", 1, "format").get(0));
        final boolean foreign = format.stretches().stream().anyMatch(Text.Stretch::foreign);
        return rendering
                .builder()
                .add(DateFormat.format(format.value(), rendering.now()), foreign)
                .text();
    }
}
