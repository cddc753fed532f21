package io.cheshire.model.core.jinja;

import java.util.List;
import java.util.function.Consumer;

/** Walks over all statements and expressions of a template. */
final class Visitor {
    private final Consumer<Node> nodes;
    private final Consumer<Expr> expressions;

    Visitor(final Consumer<Node> nodes, final Consumer<Expr> expressions) {
        this.nodes = nodes;
        this.expressions = expressions;
    }

    void nodes(final List<Node> list) {
        list.forEach(this::node);
    }

    void node(final Node node) {
        nodes.accept(node);
        switch (node) {
            case Node.Data _, Node.Break _, Node.Continue _ -> {}
            case Node.Print print -> expr(print.value());
            case Node.For loop -> {
                expr(loop.iterable());
                if (loop.test() != null) {
                    expr(loop.test());
                }
                nodes(loop.body());
                nodes(loop.otherwise());
            }
            case Node.If choice -> {
                for (final Node.Branch branch : choice.branches()) {
                    expr(branch.test());
                    nodes(branch.body());
                }
                nodes(choice.otherwise());
            }
            case Node.Set set -> expr(set.value());
            case Node.SetBlock set -> {
                filters(set.filters());
                nodes(set.body());
            }
            case Node.With with -> {
                with.values().forEach(this::expr);
                nodes(with.body());
            }
            case Node.FilterBlock block -> {
                filters(block.filters());
                nodes(block.body());
            }
            case Node.Macro macro -> {
                macro.signature().defaults().forEach(this::expr);
                nodes(macro.body());
            }
            case Node.CallBlock call -> {
                call.signature().defaults().forEach(this::expr);
                expr(call.call());
                nodes(call.body());
            }
            case Node.Generation block -> nodes(block.body());
        }
    }

    private void filters(final List<Expr.FilterCall> calls) {
        // A block's text is what such a filter is applied to.
        calls.forEach(call -> expr(new Expr.Filter(new Expr.Const(Text.EMPTY), call)));
    }

    void expr(final Expr expr) {
        expressions.accept(expr);
        switch (expr) {
            case Expr.Const _, Expr.Name _, Expr.NamespaceRef _ -> {}
            case Expr.ListOf list -> list.items().forEach(this::expr);
            case Expr.TupleOf tuple -> tuple.items().forEach(this::expr);
            case Expr.DictOf dict -> {
                dict.keys().forEach(this::expr);
                dict.values().forEach(this::expr);
            }
            case Expr.Unary unary -> expr(unary.operand());
            case Expr.Binary binary -> {
                expr(binary.left());
                expr(binary.right());
            }
            case Expr.Concat concat -> concat.parts().forEach(this::expr);
            case Expr.Compare compare -> {
                expr(compare.first());
                compare.others().forEach(this::expr);
            }
            case Expr.And and -> {
                expr(and.left());
                expr(and.right());
            }
            case Expr.Or or -> {
                expr(or.left());
                expr(or.right());
            }
            case Expr.Not not -> expr(not.operand());
            case Expr.Conditional conditional -> {
                expr(conditional.test());
                expr(conditional.then());
                if (conditional.otherwise() != null) {
                    expr(conditional.otherwise());
                }
            }
            case Expr.Filter filter -> {
                expr(filter.target());
                args(filter.call().args());
            }
            case Expr.Test test -> {
                expr(test.target());
                args(test.args());
            }
            case Expr.Call call -> {
                expr(call.callee());
                args(call.args());
            }
            case Expr.Attribute attribute -> expr(attribute.target());
            case Expr.Item item -> {
                expr(item.target());
                expr(item.index());
            }
            case Expr.Slice slice -> {
                if (slice.start() != null) {
                    expr(slice.start());
                }
                if (slice.stop() != null) {
                    expr(slice.stop());
                }
                if (slice.step() != null) {
                    expr(slice.step());
                }
            }
        }
    }

    private void args(final Expr.Args args) {
        args.positional().forEach(this::expr);
        args.named().forEach(this::expr);
        if (args.star() != null) {
            expr(args.star());
        }
        if (args.stars() != null) {
            expr(args.stars());
        }
    }
}
