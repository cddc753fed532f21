package io.cheshire.model.core.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Expressions of a parsed template. */
sealed interface Expr {
    record Const(Object value) implements Expr {}

    record Name(String name, int line) implements Expr {}

    /** Target of an assignment only. */
    record NamespaceRef(String name, String attribute) implements Expr {}

    record ListOf(List<Expr> items) implements Expr {}

    record TupleOf(List<Expr> items) implements Expr {}

    record DictOf(List<Expr> keys, List<Expr> values) implements Expr {}

    record Unary(char operator, Expr operand) implements Expr {}

    record Binary(String operator, Expr left, Expr right) implements Expr {}

    record Concat(List<Expr> parts) implements Expr {}

    /** @param operators one for each of {@code others}: ==, !=, &lt;, &lt;=, &gt;, &gt;=, in, not in */
    record Compare(Expr first, List<String> operators, List<Expr> others) implements Expr {}

    record And(Expr left, Expr right) implements Expr {}

    record Or(Expr left, Expr right) implements Expr {}

    record Not(Expr operand) implements Expr {}

    record Conditional(Expr test, Expr then, @Nullable Expr otherwise) implements Expr {}

    record Filter(Expr target, FilterCall call) implements Expr {}

    record FilterCall(String name, Args args, int line) {}

    record Test(Expr target, String name, Args args, int line) implements Expr {}

    record Call(Expr callee, Args args, int line) implements Expr {}

    record Attribute(Expr target, String name, int line) implements Expr {}

    record Item(Expr target, Expr index) implements Expr {}

    /** Only as an index. */
    record Slice(
            @Nullable Expr start,
            @Nullable Expr stop,
            @Nullable Expr step) implements Expr {}

    /**
     * @param names of the last {@code named} values, in order
     * @param star  {@code *list}
     * @param stars {@code **dict}
     */
    record Args(
            List<Expr> positional,
            List<String> names,
            List<Expr> named,
            @Nullable Expr star,
            @Nullable Expr stars) {
        static final Args NONE = new Args(List.of(), List.of(), List.of(), null, null);

        boolean isEmpty() {
            return positional.isEmpty() && named.isEmpty() && star == null && stars == null;
        }
    }
}
