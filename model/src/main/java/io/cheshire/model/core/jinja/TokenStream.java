package io.cheshire.model.core.jinja;

import java.util.List;

/** The tokens of a template, read from front to end. */
final class TokenStream {
    private static final int MAX_NESTING = 60;

    private final List<Token> tokens;
    private int position;
    private int nesting;

    TokenStream(final List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(position);
    }

    Token look() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    /** The current token; the next one becomes current. */
    Token next() {
        final Token token = tokens.get(position);
        if (!token.is(Token.Type.END)) {
            position++;
        }
        return token;
    }

    int line() {
        return current().line();
    }

    boolean skipName(final String name) {
        if (current().isName(name)) {
            next();
            return true;
        }
        return false;
    }

    boolean skipOperator(final String operator) {
        if (current().isOperator(operator)) {
            next();
            return true;
        }
        return false;
    }

    Token expect(final Token.Type type) {
        if (!current().is(type)) {
            throw unexpected(
                    "expected " + type.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
        }
        return next();
    }

    String expectName() {
        return (String) expect(Token.Type.NAME).value();
    }

    void expectName(final String name) {
        if (!skipName(name)) {
            throw unexpected("expected '" + name + "'");
        }
    }

    void expectOperator(final String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("expected '" + operator + "'");
        }
    }

    TemplateFault unexpected(final String expected) {
        return TemplateFault.syntax(line(), expected + ", got '" + current().describe() + "'");
    }

    /** Brackets and blocks inside each other are bounded, since parsing and rendering recurse. */
    void enter() {
        if (++nesting > MAX_NESTING) {
            throw new TemplateFault(
                    TemplateFault.Kind.LIMIT,
                    "line " + line() + ": blocks and expressions go more than " + MAX_NESTING + " deep");
        }
    }

    void leave() {
        nesting--;
    }
}
