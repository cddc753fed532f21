package io.cheshire.model.core.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Statements of a parsed template. */
sealed interface Node {
    /** Text between tags. */
    record Data(Text text) implements Node {}

    /** {@code {{ value }}}. */
    record Print(Expr value) implements Node {}

    /**
     * @param test      elements for which it is false are left out before counting
     * @param otherwise body if there were no elements
     * @param recursive whether {@code loop(…)} may be called
     */
    record For(
            Expr target, Expr iterable, @Nullable Expr test, boolean recursive, List<Node> body, List<Node> otherwise)
            implements Node {}

    /** @param branches tests with their bodies, in order */
    record If(List<Branch> branches, List<Node> otherwise) implements Node {}

    record Branch(Expr test, List<Node> body) {}

    record Set(Expr target, Expr value) implements Node {}

    record SetBlock(Expr target, List<Expr.FilterCall> filters, List<Node> body) implements Node {}

    record With(List<Expr> targets, List<Expr> values, List<Node> body) implements Node {}

    record FilterBlock(List<Expr.FilterCall> filters, List<Node> body) implements Node {}

    record Macro(String name, Signature signature, List<Node> body) implements Node {}

    record CallBlock(Signature signature, Expr.Call call, List<Node> body) implements Node {}

    /** Marks what an assistant said, for training; renders its body. */
    record Generation(List<Node> body) implements Node {}

    record Break() implements Node {}

    record Continue() implements Node {}

    /**
     * @param defaults of the last parameters
     * @param caller   whether the body speaks of {@code caller}; so for varargs and kwargs
     */
    record Signature(List<String> parameters, List<Expr> defaults, boolean caller, boolean varargs, boolean kwargs) {}
}
