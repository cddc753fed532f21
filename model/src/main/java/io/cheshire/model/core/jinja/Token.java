package io.cheshire.model.core.jinja;

/**
 * A token of a template.
 *
 * @param value a {@code Text} for data and strings, a number, else the characters as written
 */
record Token(Type type, Object value, int line) {
    enum Type {
        DATA,
        BLOCK_BEGIN,
        BLOCK_END,
        VARIABLE_BEGIN,
        VARIABLE_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(final Type wanted) {
        return type == wanted;
    }

    boolean isName(final String name) {
        return type == Type.NAME && value.equals(name);
    }

    boolean isOperator(final String operator) {
        return type == Type.OPERATOR && value.equals(operator);
    }

    String describe() {
        return switch (type) {
            case END -> "end of template";
            case VARIABLE_END -> "end of print statement";
            case BLOCK_END -> "end of statement block";
            case BLOCK_BEGIN -> "begin of statement block";
            case VARIABLE_BEGIN -> "begin of print statement";
            case DATA -> "template data";
            case NAME, STRING, INTEGER, FLOAT, OPERATOR -> String.valueOf(value);
        };
    }
}
