package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Literals, names, brackets, and what follows them: attributes, indexes, calls, filters and tests. */
final class OperandParser {
    private final TokenStream stream;
    private final ExpressionParser expressions;

    OperandParser(final TokenStream stream, final ExpressionParser expressions) {
        this.stream = stream;
        this.expressions = expressions;
    }

    Expr primary() {
        final Token token = stream.current();
        return switch (token.type()) {
            case NAME -> {
                stream.next();
                yield name((String) token.value(), token.line());
            }
            case STRING -> {
                final StringBuilder text = new StringBuilder();
                while (stream.current().is(Token.Type.STRING)) {
                    text.append(stream.next().value());
                }
                yield new Expr.Const(Text.of(text.toString()));
            }
            case INTEGER, FLOAT -> {
                stream.next();
                yield new Expr.Const(token.value());
            }
            case OPERATOR -> bracketed(token);
            default -> throw TemplateFault.syntax(token.line(), "unexpected '" + token.describe() + "'");
        };
    }

    private static Expr name(final String name, final int line) {
        return switch (name) {
            case "true", "True" -> new Expr.Const(true);
            case "false", "False" -> new Expr.Const(false);
            case "none", "None" -> new Expr.Const(None.NONE);
            default -> new Expr.Name(name, line);
        };
    }

    private Expr bracketed(final Token token) {
        if (stream.skipOperator("(")) {
            stream.enter();
            final Expr inner = expressions.tuple(true, null, true);
            stream.leave();
            stream.expectOperator(")");
            return inner;
        }
        if (stream.skipOperator("[")) {
            final List<Expr> items = new ArrayList<>();
            while (!stream.skipOperator("]")) {
                if (!items.isEmpty()) {
                    stream.expectOperator(",");
                    if (stream.skipOperator("]")) {
                        break;
                    }
                }
                items.add(expressions.expression());
            }
            return new Expr.ListOf(items);
        }
        if (stream.skipOperator("{")) {
            return dict();
        }
        throw TemplateFault.syntax(token.line(), "unexpected '" + token.describe() + "'");
    }

    private Expr dict() {
        final List<Expr> keys = new ArrayList<>();
        final List<Expr> values = new ArrayList<>();
        while (!stream.skipOperator("}")) {
            if (!keys.isEmpty()) {
                stream.expectOperator(",");
                if (stream.skipOperator("}")) {
                    break;
                }
            }
            keys.add(expressions.expression());
            stream.expectOperator(":");
            values.add(expressions.expression());
        }
        return new Expr.DictOf(keys, values);
    }

    Expr postfix(final Expr start) {
        Expr node = start;
        for (int i = 0; ; i++) {
            expressions.bounded(i);
            if (stream.current().isOperator(".") || stream.current().isOperator("[")) {
                node = subscript(node);
            } else if (stream.current().isOperator("(")) {
                final int line = stream.line();
                node = new Expr.Call(node, args(), line);
            } else {
                return node;
            }
        }
    }

    Expr filters(final Expr start) {
        Expr node = start;
        for (int i = 0; ; i++) {
            expressions.bounded(i);
            if (stream.current().isOperator("|")) {
                stream.next();
                node = new Expr.Filter(node, filterCall());
            } else if (stream.current().isName("is")) {
                node = test(node);
            } else if (stream.current().isOperator("(")) {
                final int line = stream.line();
                node = new Expr.Call(node, args(), line);
            } else {
                return node;
            }
        }
    }

    /** Filters of a block: {@code a | b}, of which the first needs its bar only if {@code bar}. */
    List<Expr.FilterCall> filterCalls(final boolean bar) {
        final List<Expr.FilterCall> calls = new ArrayList<>();
        if (!bar) {
            calls.add(filterCall());
        }
        while (stream.skipOperator("|")) {
            calls.add(filterCall());
        }
        return calls;
    }

    private Expr.FilterCall filterCall() {
        final int line = stream.line();
        final String name = dottedName();
        return new Expr.FilterCall(name, stream.current().isOperator("(") ? args() : Expr.Args.NONE, line);
    }

    private String dottedName() {
        final StringBuilder name = new StringBuilder(stream.expectName());
        while (stream.skipOperator(".")) {
            name.append('.').append(stream.expectName());
        }
        return name.toString();
    }

    private Expr test(final Expr target) {
        final int line = stream.line();
        stream.expectName("is");
        final boolean negated = stream.skipName("not");
        final String name = dottedName();
        Expr.Args args = Expr.Args.NONE;
        if (stream.current().isOperator("(")) {
            args = args();
        } else if (startsArgument(stream.current())) {
            if (stream.current().isName("is")) {
                throw TemplateFault.syntax(line, "You cannot chain multiple tests with is");
            }
            args = new Expr.Args(List.of(postfix(primary())), List.of(), List.of(), null, null);
        }
        final Expr test = new Expr.Test(target, name, args, line);
        return negated ? new Expr.Not(test) : test;
    }

    private static boolean startsArgument(final Token token) {
        return switch (token.type()) {
            case NAME -> !token.isName("else") && !token.isName("or") && !token.isName("and");
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.isOperator("[") || token.isOperator("{");
            default -> false;
        };
    }

    private Expr subscript(final Expr target) {
        final Token open = stream.next();
        if (open.isOperator(".")) {
            final Token name = stream.next();
            if (name.is(Token.Type.NAME)) {
                return new Expr.Attribute(target, (String) name.value(), name.line());
            }
            if (!name.is(Token.Type.INTEGER)) {
                throw TemplateFault.syntax(name.line(), "expected name or number");
            }
            return new Expr.Item(target, new Expr.Const(name.value()));
        }
        final List<Expr> items = new ArrayList<>();
        while (!stream.skipOperator("]")) {
            if (!items.isEmpty()) {
                stream.expectOperator(",");
            }
            items.add(index());
        }
        return new Expr.Item(target, items.size() == 1 ? items.get(0) : new Expr.TupleOf(items));
    }

    private Expr index() {
        Expr start = null;
        if (!stream.current().isOperator(":")) {
            start = expressions.expression();
            if (!stream.current().isOperator(":")) {
                return start;
            }
        }
        stream.expectOperator(":");
        final Expr stop = stream.current().isOperator(":") ? null : sliceEnd();
        final Expr step = stream.skipOperator(":") ? sliceEnd() : null;
        return new Expr.Slice(start, stop, step);
    }

    private @Nullable Expr sliceEnd() {
        return stream.current().isOperator("]") || stream.current().isOperator(",") ? null : expressions.expression();
    }

    Expr.Args args() {
        final int line = stream.line();
        stream.expectOperator("(");
        final List<Expr> positional = new ArrayList<>();
        final List<String> names = new ArrayList<>();
        final List<Expr> named = new ArrayList<>();
        Expr star = null;
        Expr stars = null;
        boolean comma = false;
        while (!stream.current().isOperator(")")) {
            if (comma) {
                stream.expectOperator(",");
                if (stream.current().isOperator(")")) {
                    break;
                }
            }
            final boolean ok;
            if (stream.skipOperator("*")) {
                ok = star == null && stars == null;
                star = expressions.expression();
            } else if (stream.skipOperator("**")) {
                ok = stars == null;
                stars = expressions.expression();
            } else if (stream.current().is(Token.Type.NAME) && stream.look().isOperator("=")) {
                ok = stars == null;
                names.add(stream.expectName());
                stream.next();
                named.add(expressions.expression());
            } else {
                ok = star == null && stars == null && names.isEmpty();
                positional.add(expressions.expression());
            }
            if (!ok) {
                throw TemplateFault.syntax(line, "invalid syntax for function call expression");
            }
            comma = true;
        }
        stream.expectOperator(")");
        return new Expr.Args(positional, names, named, star, stars);
    }
}
