package io.cheshire.model.core.jinja;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks through a parsed template for names that this engine does not know: filters, tests, functions, methods. So a
 * template fails when it is loaded, not when a conversation comes to the line.
 */
final class TemplateGate {
    private static final int MAX_NAMED = 8;

    /** There in Jinja2, or with some tokenizers, but not here: they would render as nothing. */
    private static final Set<String> OTHERS = Set.of(
            "self",
            "super",
            "lipsum",
            "cycler",
            "joiner",
            "unk_token",
            "sep_token",
            "pad_token",
            "cls_token",
            "mask_token",
            "additional_special_tokens");

    private final Set<String> problems = new LinkedHashSet<>();
    private final Set<String> stored;
    private final Set<String> variables;

    private TemplateGate(final Set<String> stored, final Set<String> variables) {
        this.stored = stored;
        this.variables = variables;
    }

    /** @param variables that a rendering passes in */
    static void check(final List<Node> template, final Set<String> variables) {
        final Set<String> stored = new HashSet<>(Names.stored(template));
        stored.addAll(Set.of("caller", "loop", "varargs", "kwargs"));
        final TemplateGate gate = new TemplateGate(stored, variables);
        new Visitor(node -> {}, gate::expr).nodes(template);
        if (!gate.problems.isEmpty()) {
            final List<String> named = gate.problems.stream().limit(MAX_NAMED).toList();
            final int more = gate.problems.size() - named.size();
            throw TemplateFault.unsupported(String.join(", ", named) + (more > 0 ? " and " + more + " more" : ""));
        }
    }

    private void problem(final String what, final int line) {
        problems.add(what + " in line " + line);
    }

    private void expr(final Expr expr) {
        switch (expr) {
            case Expr.Name name -> {
                final String read = name.name();
                if (OTHERS.contains(read) && !stored.contains(read) && !variables.contains(read)) {
                    problem("the variable '" + read + "'", name.line());
                }
            }
            case Expr.Filter filter -> filter(filter.call());
            case Expr.Test test -> {
                if (!Tests.NAMES.contains(test.name())) {
                    problem("the test '" + test.name() + "'", test.line());
                }
            }
            case Expr.Call call -> call(call);
            case Expr.Attribute attribute -> {
                if (attribute.name().startsWith("__")) {
                    problem("the attribute '" + attribute.name() + "'", attribute.line());
                }
            }
            default -> {}
        }
    }

    private void filter(final Expr.FilterCall call) {
        final String name = call.name();
        if (!Filters.NAMES.contains(name)) {
            problem("the filter '" + name + "'", call.line());
            return;
        }
        final int test = name.equals("select") || name.equals("reject") ? 0 : name.endsWith("attr") ? 1 : -1;
        if (name.equals("map") && constant(call.args(), 0) instanceof Text filter) {
            if (!Filters.NAMES.contains(filter.value())) {
                problem("the filter '" + filter + "'", call.line());
            }
        }
        if (test >= 0 && constant(call.args(), test) instanceof Text named && !Tests.NAMES.contains(named.value())) {
            problem("the test '" + named + "'", call.line());
        }
    }

    private static Object constant(final Expr.Args args, final int index) {
        return args.positional().size() > index && args.positional().get(index) instanceof Expr.Const constant
                ? constant.value()
                : None.NONE;
    }

    private void call(final Expr.Call call) {
        switch (call.callee()) {
            case Expr.Name name -> {
                if (!Globals.NAMES.contains(name.name())
                        && !stored.contains(name.name())
                        && !variables.contains(name.name())) {
                    problem("the function '" + name.name() + "'", call.line());
                }
                if (name.name().equals("strftime_now") && constant(call.args(), 0) instanceof Text format) {
                    date(format.value(), call.line());
                }
            }
            case Expr.Attribute method -> {
                final String name = method.name();
                final boolean known = StringMethods.NAMES.contains(name)
                        || Attributes.OF_DICT.contains(name)
                        || Attributes.OF_LIST.contains(name)
                        || Attributes.OF_LOOP.contains(name)
                        || Attributes.UNSAFE.contains(name)
                        || stored.contains(name);
                if (!known) {
                    problem("the method '" + name + "'", call.line());
                }
            }
            default -> {}
        }
    }

    private void date(final String format, final int line) {
        try {
            DateFormat.format(format, java.time.LocalDateTime.MIN.withYear(2000));
        } catch (final TemplateFault refused) {
            problem(String.valueOf(refused.getMessage()), line);
        }
    }
}
