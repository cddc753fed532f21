package io.cheshire.model.core.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja2's grammar of expressions: {@code ~} binds closer than {@code +}, {@code **} groups to the left. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final int MAX_CHAIN = 400;

    private final TokenStream stream;
    private final OperandParser operands;

    ExpressionParser(final TokenStream stream) {
        this.stream = stream;
        this.operands = new OperandParser(stream, this);
    }

    /** Parses operands, which stand between operators. */
    OperandParser operands() {
        return operands;
    }

    Expr expression() {
        return expression(true);
    }

    private Expr expression(final boolean conditional) {
        stream.enter();
        final Expr result = conditional ? conditional() : or();
        stream.leave();
        return result;
    }

    /** One expression, or several between commas. */
    Expr tuple(final boolean conditional, final @Nullable String endName, final boolean parentheses) {
        final List<Expr> items = new ArrayList<>();
        boolean isTuple = false;
        while (true) {
            if (!items.isEmpty()) {
                stream.expectOperator(",");
            }
            if (isTupleEnd(endName)) {
                break;
            }
            items.add(expression(conditional));
            if (!stream.current().isOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple) {
            if (!items.isEmpty()) {
                return items.get(0);
            }
            if (!parentheses) {
                throw stream.unexpected("expected an expression");
            }
        }
        return new Expr.TupleOf(items);
    }

    private boolean isTupleEnd(final @Nullable String endName) {
        final Token token = stream.current();
        return token.is(Token.Type.VARIABLE_END)
                || token.is(Token.Type.BLOCK_END)
                || token.isOperator(")")
                || (endName != null && token.isName(endName));
    }

    /** A name, {@code namespace.attribute}, or a tuple of these. */
    Expr target(final @Nullable String endName, final boolean withNamespace) {
        final List<Expr> items = new ArrayList<>();
        boolean isTuple = false;
        while (true) {
            if (!items.isEmpty()) {
                stream.expectOperator(",");
            }
            if (isTupleEnd(endName)) {
                break;
            }
            items.add(singleTarget(withNamespace));
            if (!stream.current().isOperator(",")) {
                break;
            }
            isTuple = true;
        }
        if (!isTuple && items.isEmpty()) {
            throw stream.unexpected("expected a name to assign to");
        }
        return isTuple ? new Expr.TupleOf(items) : items.get(0);
    }

    private Expr singleTarget(final boolean withNamespace) {
        if (stream.skipOperator("(")) {
            final Expr inner = target(null, false);
            stream.expectOperator(")");
            return inner;
        }
        final int line = stream.line();
        final String name = targetName();
        if (withNamespace && stream.skipOperator(".")) {
            return new Expr.NamespaceRef(name, stream.expectName());
        }
        return new Expr.Name(name, line);
    }

    String targetName() {
        final int line = stream.line();
        final String name = stream.expectName();
        if (Set.of("true", "false", "True", "False", "none", "None").contains(name)) {
            throw TemplateFault.syntax(line, "can't assign to '" + name + "'");
        }
        return name;
    }

    private Expr conditional() {
        Expr value = or();
        while (stream.skipName("if")) {
            final Expr test = or();
            Expr otherwise = null;
            if (stream.skipName("else")) {
                stream.enter();
                otherwise = conditional();
                stream.leave();
            }
            value = new Expr.Conditional(test, value, otherwise);
        }
        return value;
    }

    private Expr or() {
        Expr left = and();
        for (int i = 0; stream.skipName("or"); i++) {
            left = new Expr.Or(left, and());
            bounded(i);
        }
        return left;
    }

    private Expr and() {
        Expr left = not();
        for (int i = 0; stream.skipName("and"); i++) {
            left = new Expr.And(left, not());
            bounded(i);
        }
        return left;
    }

    void bounded(final int chain) {
        if (chain > MAX_CHAIN) {
            throw new TemplateFault(
                    TemplateFault.Kind.LIMIT,
                    "line " + stream.line() + ": an expression chains more than " + MAX_CHAIN + " operators");
        }
    }

    private Expr not() {
        if (stream.skipName("not")) {
            stream.enter();
            final Expr operand = not();
            stream.leave();
            return new Expr.Not(operand);
        }
        return compare();
    }

    private Expr compare() {
        final Expr first = sum();
        final List<String> operators = new ArrayList<>();
        final List<Expr> others = new ArrayList<>();
        while (true) {
            final Token token = stream.current();
            if (token.is(Token.Type.OPERATOR) && COMPARISONS.contains(token.value())) {
                operators.add((String) stream.next().value());
            } else if (stream.skipName("in")) {
                operators.add("in");
            } else if (token.isName("not") && stream.look().isName("in")) {
                stream.next();
                stream.next();
                operators.add("not in");
            } else {
                break;
            }
            others.add(sum());
            bounded(others.size());
        }
        return operators.isEmpty() ? first : new Expr.Compare(first, operators, others);
    }

    private Expr sum() {
        Expr left = concat();
        for (int i = 0; stream.current().isOperator("+") || stream.current().isOperator("-"); i++) {
            final String operator = (String) stream.next().value();
            left = new Expr.Binary(operator, left, concat());
            bounded(i);
        }
        return left;
    }

    private Expr concat() {
        final List<Expr> parts = new ArrayList<>();
        parts.add(product());
        while (stream.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.get(0) : new Expr.Concat(parts);
    }

    private Expr product() {
        Expr left = power();
        for (int i = 0; isProduct(stream.current()); i++) {
            final String operator = (String) stream.next().value();
            left = new Expr.Binary(operator, left, power());
            bounded(i);
        }
        return left;
    }

    private static boolean isProduct(final Token token) {
        return token.isOperator("*") || token.isOperator("/") || token.isOperator("//") || token.isOperator("%");
    }

    private Expr power() {
        Expr left = unary(true);
        for (int i = 0; stream.skipOperator("**"); i++) {
            left = new Expr.Binary("**", left, unary(true));
            bounded(i);
        }
        return left;
    }

    private Expr unary(final boolean withFilter) {
        final Expr node;
        if (stream.current().isOperator("-") || stream.current().isOperator("+")) {
            final char operator = ((String) stream.next().value()).charAt(0);
            stream.enter();
            node = new Expr.Unary(operator, unary(false));
            stream.leave();
        } else {
            node = operands.primary();
        }
        final Expr postfix = operands.postfix(node);
        return withFilter ? operands.filters(postfix) : postfix;
    }
}
