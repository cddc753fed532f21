package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A macro, or the body of a call block, with the scope in which it stands. */
final class MacroValue implements Callable {
    private final Interpreter interpreter;
    private final String name;
    private final Node.Signature signature;
    private final List<Node> body;
    private final Scope definedIn;

    MacroValue(
            final Interpreter interpreter,
            final String name,
            final Node.Signature signature,
            final List<Node> body,
            final Scope definedIn) {
        this.interpreter = interpreter;
        this.name = name;
        this.signature = signature;
        this.body = body;
        this.definedIn = definedIn;
    }

    String name() {
        return name;
    }

    @Override
    public Object call(final CallArgs args) {
        final Scope scope = new Scope(definedIn);
        final Map<String, Object> named = new LinkedHashMap<>(args.named());
        final List<String> parameters = signature.parameters();
        final int given = Math.min(args.positional().size(), parameters.size());
        for (int i = 0; i < given; i++) {
            scope.set(parameters.get(i), args.positional().get(i));
        }
        // Defaults are evaluated after all that was given is in place, first to last.
        final List<Integer> missing = new ArrayList<>();
        for (int i = given; i < parameters.size(); i++) {
            final Object value = named.remove(parameters.get(i));
            if (value == null) {
                missing.add(i);
                scope.set(parameters.get(i), new Undefined("parameter '" + parameters.get(i) + "' was not provided"));
            } else {
                scope.set(parameters.get(i), value);
            }
        }
        special(scope, args, named);
        final int firstDefault = parameters.size() - signature.defaults().size();
        for (final int i : missing) {
            if (i >= firstDefault) {
                scope.set(
                        parameters.get(i),
                        interpreter.value(signature.defaults().get(i - firstDefault), scope));
            }
        }
        return interpreter.text(body, scope);
    }

    private void special(final Scope scope, final CallArgs args, final Map<String, Object> named) {
        if (signature.caller()) {
            final Object caller = named.remove("caller");
            scope.set("caller", caller == null ? new Undefined("No caller defined") : caller);
        }
        if (signature.kwargs()) {
            final DictValue all = new DictValue();
            named.forEach((key, value) -> all.put(Text.of(key), value));
            scope.set("kwargs", all);
        } else if (!named.isEmpty()) {
            throw TemplateFault.failed("macro '" + name + "' takes no keyword argument '"
                    + named.keySet().iterator().next() + "'");
        }
        final int parameters = signature.parameters().size();
        final List<Object> positional = args.positional();
        if (signature.varargs()) {
            scope.set(
                    "varargs",
                    ListValue.tuple(positional.subList(Math.min(parameters, positional.size()), positional.size())));
        } else if (positional.size() > parameters) {
            throw TemplateFault.failed("macro '" + name + "' takes not more than " + parameters + " argument(s)");
        }
    }
}
