package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Runs the statements of a template. One rendering, one thread. */
final class Interpreter {
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final Rendering rendering;
    private final Evaluator evaluator;

    Interpreter(final Rendering rendering) {
        this.rendering = rendering;
        this.evaluator = new Evaluator(rendering);
    }

    Object value(final Expr expr, final Scope scope) {
        return evaluator.value(expr, scope);
    }

    /** The text that a body writes. */
    Text text(final List<Node> body, final Scope scope) {
        rendering.budget().enter();
        final TextBuilder out = rendering.builder();
        run(body, scope, out);
        rendering.budget().leave();
        return out.text();
    }

    private Flow run(final List<Node> body, final Scope scope, final TextBuilder out) {
        for (final Node node : body) {
            final Flow flow = run(node, scope, out);
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow run(final Node node, final Scope scope, final TextBuilder out) {
        rendering.budget().step();
        switch (node) {
            case Node.Data data -> out.add(data.text());
            case Node.Print print -> out.add(rendering.str(value(print.value(), scope)));
            case Node.For loop -> loop(loop, value(loop.iterable(), scope), scope, out, 0);
            case Node.If choice -> {
                for (final Node.Branch branch : choice.branches()) {
                    if (Values.isTrue(value(branch.test(), scope))) {
                        return run(branch.body(), scope, out);
                    }
                }
                return run(choice.otherwise(), scope, out);
            }
            case Node.Set set -> assign(set.target(), value(set.value(), scope), scope);
            case Node.SetBlock set -> {
                final Object text = text(set.body(), new Scope(scope));
                assign(set.target(), evaluator.filtered(set.filters(), text, scope), scope);
            }
            case Node.With with -> {
                final List<Object> values = new ArrayList<>();
                with.values().forEach(expr -> values.add(value(expr, scope)));
                final Scope inner = new Scope(scope);
                for (int i = 0; i < values.size(); i++) {
                    assign(with.targets().get(i), values.get(i), inner);
                }
                return run(with.body(), inner, out);
            }
            case Node.FilterBlock block -> {
                final Object text = text(block.body(), new Scope(scope));
                out.add(rendering.str(evaluator.filtered(block.filters(), text, scope)));
            }
            case Node.Macro macro ->
                scope.set(macro.name(), new MacroValue(this, macro.name(), macro.signature(), macro.body(), scope));
            case Node.CallBlock call -> {
                final MacroValue caller = new MacroValue(this, "caller", call.signature(), call.body(), scope);
                out.add(rendering.str(evaluator.call(call.call(), scope, caller)));
            }
            case Node.Generation block -> out.add(text(block.body(), new Scope(scope)));
            case Node.Break _ -> {
                return Flow.BREAK;
            }
            case Node.Continue _ -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.ON;
    }

    private void loop(
            final Node.For node, final Object iterable, final Scope scope, final TextBuilder out, final int depth0) {
        final Iterator<Object> all = Values.iterate(iterable);
        final Iterator<Object> elements = node.test() == null ? all : filtered(node, all, scope);
        final LoopValue loop = new LoopValue(
                node.test() == null ? iterable : new Generator(elements),
                elements,
                depth0,
                node.recursive() ? inner -> recursive(node, inner, scope, depth0 + 1) : null,
                rendering.budget());
        // As in Jinja2: a round that ends by break or continue does not count.
        boolean otherwise = true;
        for (Object element = loop.next(); element != null; element = loop.next()) {
            rendering.budget().step();
            final Scope round = new Scope(scope);
            assign(node.target(), element, round);
            round.set("loop", loop);
            final Flow flow = run(node.body(), round, out);
            if (flow == Flow.BREAK) {
                break;
            }
            otherwise &= flow == Flow.CONTINUE;
        }
        if (otherwise) {
            run(node.otherwise(), new Scope(scope), out);
        }
    }

    private Text recursive(final Node.For node, final Object iterable, final Scope scope, final int depth0) {
        rendering.budget().enter();
        final TextBuilder out = rendering.builder();
        loop(node, iterable, scope, out, depth0);
        rendering.budget().leave();
        return out.text();
    }

    /** Tests an element only when it is asked for, since the body may change what the test reads. */
    private Iterator<Object> filtered(final Node.For node, final Iterator<Object> all, final Scope scope) {
        final Expr test = node.test();
        return new Iterator<>() {
            private @Nullable Object next;

            @Override
            public boolean hasNext() {
                while (next == null && all.hasNext()) {
                    final Object element = all.next();
                    final Scope inner = new Scope(scope);
                    assign(node.target(), element, inner);
                    if (test == null || Values.isTrue(value(test, inner))) {
                        next = element;
                    }
                    rendering.budget().step();
                }
                return next != null;
            }

            @Override
            public Object next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                final Object element = next;
                next = null;
                return element;
            }
        };
    }

    private void assign(final Expr target, final Object value, final Scope scope) {
        switch (target) {
            case Expr.Name name -> scope.set(name.name(), value);
            case Expr.NamespaceRef attribute -> {
                if (!(scope.find(attribute.name()) instanceof NamespaceValue namespace)) {
                    throw TemplateFault.failed("cannot assign attribute on non-namespace object");
                }
                rendering.budget().items(1);
                namespace.attributes().put(Text.of(attribute.attribute()), value);
            }
            case Expr.TupleOf tuple -> {
                final List<Object> values = Values.items(value, rendering.budget());
                if (values.size() != tuple.items().size()) {
                    throw TemplateFault.failed((values.size() > tuple.items().size()
                                    ? "too many values to unpack (expected "
                                    : "not enough values to unpack (expected ")
                            + tuple.items().size() + ")");
                }
                for (int i = 0; i < values.size(); i++) {
                    assign(tuple.items().get(i), values.get(i), scope);
                }
            }
            case Expr other -> throw new IllegalStateException("not a target: " + other);
        }
    }
}
