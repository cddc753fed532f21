package io.cheshire.model.core.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Filters by name. What Jinja2 has beyond these is refused when a template is parsed. */
final class Filters {
    /** Names that a template may use. */
    static final Set<String> NAMES = Set.of(
            "abs",
            "batch",
            "capitalize",
            "center",
            "count",
            "d",
            "default",
            "dictsort",
            "e",
            "escape",
            "first",
            "float",
            "format",
            "groupby",
            "indent",
            "int",
            "items",
            "join",
            "last",
            "length",
            "list",
            "lower",
            "map",
            "max",
            "min",
            "reject",
            "rejectattr",
            "replace",
            "reverse",
            "round",
            "safe",
            "select",
            "selectattr",
            "slice",
            "sort",
            "string",
            "sum",
            "title",
            "tojson",
            "trim",
            "truncate",
            "unique",
            "upper",
            "urlencode",
            "wordcount");

    /** All that Jinja2 has, for {@code 'name' is filter}. */
    static final Set<String> OF_JINJA2 = Set.of(
            "attr", "filesizeformat", "forceescape", "pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr");

    private final Map<String, FilterFunction> functions = new HashMap<>();

    Filters(final Rendering rendering, final Attributes attributes) {
        new TextFilters(rendering).register(functions);
        new NumberFilters(rendering).register(functions);
        new SequenceFilters(rendering, attributes).register(functions);
        new SelectionFilters(rendering, attributes, this).register(functions);
    }

    Object apply(final String name, final Object value, final CallArgs args) {
        final FilterFunction function = functions.get(name);
        if (function == null) {
            throw TemplateFault.unsupported("the filter '" + name + "'");
        }
        return function.apply(value, args);
    }
}
