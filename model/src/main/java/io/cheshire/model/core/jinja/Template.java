package io.cheshire.model.core.jinja;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A parsed template. Immutable: any number of threads may render it at once. */
public final class Template {
    private final List<Node> nodes;
    private final Supplier<LocalDateTime> now;

    private Template(final List<Node> nodes, final Supplier<LocalDateTime> now) {
        this.nodes = nodes;
        this.now = now;
    }

    /**
     * Parses a template and refuses what is not implemented.
     *
     * @param source    the template
     * @param variables names that renderings pass in
     * @param now       local time for {@code strftime_now}
     * @throws TemplateFault naming the construct and its line
     */
    public static Template parse(final String source, final Set<String> variables, final Supplier<LocalDateTime> now) {
        final List<Node> nodes = TemplateParser.parse(source);
        TemplateGate.check(nodes, variables);
        return new Template(nodes, now);
    }

    /**
     * Renders on the calling thread.
     *
     * @param variables null, {@link Text}, String, Integer, Long, Double, Boolean, lists and maps of these
     * @param cancelled asked all the time; true ends the rendering
     * @throws TemplateFault the reason by kind
     */
    public Text render(final Map<String, ?> variables, final RenderLimits limits, final BooleanSupplier cancelled) {
        final Rendering rendering = new Rendering(new Budget(limits, cancelled), now);
        final Scope scope = new Scope(null);
        variables.forEach((name, value) -> scope.set(name, converted(value)));
        return new Interpreter(rendering).text(nodes, new Scope(scope));
    }

    private static Object converted(final @Nullable Object value) {
        return switch (value) {
            case null -> None.NONE;
            case Text text -> text;
            case String text -> Text.of(text);
            case Boolean flag -> flag;
            case Integer number -> (long) number;
            case Long number -> number;
            case Double number -> number;
            case List<?> list -> {
                final List<Object> items = new ArrayList<>(list.size());
                list.forEach(item -> items.add(converted(item)));
                yield ListValue.list(items);
            }
            case Map<?, ?> map -> {
                final DictValue dict = new DictValue();
                map.forEach((key, item) -> dict.put(converted(key), converted(item)));
                yield dict;
            }
            default -> throw new IllegalArgumentException("no template value: " + value.getClass());
        };
    }
}
