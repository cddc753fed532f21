package io.cheshire.model.core.jinja;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Names that a part of a template reads or assigns. */
final class Names {
    private Names() {}

    static Set<String> read(final List<Node> body) {
        final Set<String> names = new HashSet<>();
        new Visitor(node -> {}, expr -> {
                    if (expr instanceof Expr.Name name) {
                        names.add(name.name());
                    }
                })
                .nodes(body);
        return names;
    }

    /** Variables, macros, parameters and attributes of namespaces. */
    static Set<String> stored(final List<Node> body) {
        final Set<String> names = new HashSet<>();
        new Visitor(node -> stored(node, names), expr -> {}).nodes(body);
        return names;
    }

    static Set<String> stored(final Expr target) {
        final Set<String> names = new HashSet<>();
        target(target, names);
        return names;
    }

    private static void stored(final Node node, final Set<String> names) {
        switch (node) {
            case Node.For loop -> target(loop.target(), names);
            case Node.Set set -> target(set.target(), names);
            case Node.SetBlock set -> target(set.target(), names);
            case Node.With with -> with.targets().forEach(target -> target(target, names));
            case Node.Macro macro -> {
                names.add(macro.name());
                names.addAll(macro.signature().parameters());
            }
            case Node.CallBlock call -> names.addAll(call.signature().parameters());
            case Node.Data _,
                    Node.Print _,
                    Node.If _,
                    Node.FilterBlock _,
                    Node.Generation _,
                    Node.Break _,
                    Node.Continue _ -> {}
        }
    }

    private static void target(final Expr target, final Set<String> names) {
        switch (target) {
            case Expr.Name name -> names.add(name.name());
            case Expr.NamespaceRef attribute -> names.add(attribute.attribute());
            case Expr.TupleOf tuple -> tuple.items().forEach(item -> target(item, names));
            case Expr other -> throw new IllegalStateException("not a target: " + other);
        }
    }
}
