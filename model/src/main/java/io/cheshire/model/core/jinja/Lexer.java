package io.cheshire.model.core.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a template into tokens as Jinja2 does with trim_blocks and lstrip_blocks. White space is Python's throughout:
 * {@code -} strips a no-break space, too.
 */
final class Lexer {
    private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
    private static final Pattern FLOAT =
            Pattern.compile("(?<!\\.)(\\d+_)*\\d+((\\.(\\d+_)*\\d+)?[eE][+\\-]?(\\d+_)*\\d+|\\.(\\d+_)*\\d+)");
    private static final Pattern INTEGER = Pattern.compile(
            "0b(_?[0-1])+|0o(_?[0-7])+|0x(_?[0-9a-f])+|[1-9](_?\\d)*|0(_?0)*", Pattern.CASE_INSENSITIVE);
    private static final Pattern NAME = Pattern.compile("[\\w\\d]+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern STRING = Pattern.compile(
            "'([^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+)'|\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"", Pattern.DOTALL);
    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int position;
    private int line = 1;
    private boolean lineStarting = true;

    private Lexer(final String source) {
        this.source = source;
    }

    static List<Token> tokens(final String template) {
        String source = LINE_END.matcher(template).replaceAll("\n");
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        final Lexer lexer = new Lexer(source);
        lexer.run();
        lexer.tokens.add(new Token(Token.Type.END, "", lexer.line));
        return lexer.tokens;
    }

    private void run() {
        while (position < source.length()) {
            final int tag = nextTag(position);
            if (tag < 0) {
                data(source.substring(position));
                position = source.length();
                return;
            }
            final String text = source.substring(position, tag);
            final char kind = source.charAt(tag + 1);
            if (kind == '%') {
                final Matcher raw = rawBegin(tag);
                if (raw != null) {
                    data(stripped(text, raw.group(1), true));
                    moveTo(raw.end());
                    raw();
                    continue;
                }
            }
            final char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            final boolean signed = sign == '-' || sign == '+';
            data(stripped(text, signed ? String.valueOf(sign) : "", kind != '{'));
            moveTo(tag + (signed ? 3 : 2));
            switch (kind) {
                case '#' -> comment();
                case '{' -> inside(Token.Type.VARIABLE_BEGIN, Token.Type.VARIABLE_END);
                default -> inside(Token.Type.BLOCK_BEGIN, Token.Type.BLOCK_END);
            }
        }
    }

    private int nextTag(final int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            final char next = source.charAt(i + 1);
            if (next == '%' || next == '{' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    private static final Pattern RAW_BEGIN = Pattern.compile("\\{%([-+]?)@raw@(?:-%}@|%})".replace("@", Chars.SPACES));
    private static final Pattern RAW_END =
            Pattern.compile("\\{%([-+]?)@endraw@(?:\\+%}|-%}@|%}\\n?)".replace("@", Chars.SPACES));

    private @Nullable Matcher rawBegin(final int at) {
        final Matcher matcher = RAW_BEGIN.matcher(source).region(at, source.length());
        return matcher.lookingAt() ? matcher : null;
    }

    private void raw() {
        final Matcher end = RAW_END.matcher(source);
        if (position >= source.length()) {
            return; // Jinja2 minds an unclosed tag only if something follows
        }
        if (!end.find(position)) {
            throw TemplateFault.syntax(line, "Missing end of raw directive");
        }
        data(stripped(source.substring(position, end.start()), end.group(1), true));
        moveTo(end.end());
    }

    /** What stands before a tag, without the white space that the tag takes. */
    private String stripped(final String text, final String sign, final boolean isBlock) {
        if (sign.equals("-")) {
            return text.substring(0, Chars.endWithoutSpace(text));
        }
        if (sign.isEmpty() && isBlock) {
            final int lineStart = text.lastIndexOf('\n') + 1;
            if ((lineStart > 0 || lineStarting) && Chars.isSpace(text, lineStart)) {
                return text.substring(0, lineStart);
            }
        }
        return text;
    }

    private void data(final String text) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Token.Type.DATA, Text.of(text), line));
        }
    }

    private void moveTo(final int end) {
        for (int i = position; i < end; i++) {
            if (source.charAt(i) == '\n') {
                line++;
            }
        }
        lineStarting = end > 0 && source.charAt(end - 1) == '\n';
        position = end;
    }

    private void comment() {
        final int end = source.indexOf("#}", position);
        if (position >= source.length()) {
            return;
        }
        if (end < 0) {
            throw TemplateFault.syntax(line, "Missing end of comment tag");
        }
        final char sign = end > position ? source.charAt(end - 1) : ' ';
        moveTo(afterEnd(end, sign == '-', sign != '+'));
    }

    /** Behind a closing mark at {@code end}: with all the space behind it, or with one line end. */
    private int afterEnd(final int end, final boolean strip, final boolean trim) {
        int after = end + 2;
        if (strip) {
            return Chars.startWithoutSpace(source, after);
        }
        if (trim && after < source.length() && source.charAt(after) == '\n') {
            after++;
        }
        return after;
    }

    private void inside(final Token.Type begin, final Token.Type end) {
        tokens.add(new Token(begin, "", line));
        final String mark = end == Token.Type.BLOCK_END ? "%}" : "}}";
        final Deque<String> open = new ArrayDeque<>();
        while (true) {
            moveTo(Chars.startWithoutSpace(source, position));
            if (position >= source.length()) {
                return;
            }
            if (open.isEmpty()) {
                final boolean minus = source.startsWith("-" + mark, position);
                final boolean plus = end == Token.Type.BLOCK_END && source.startsWith("+" + mark, position);
                if (minus || plus || source.startsWith(mark, position)) {
                    tokens.add(new Token(end, "", line));
                    final int at = position + (minus || plus ? 1 : 0);
                    moveTo(afterEnd(at, minus, !plus && end == Token.Type.BLOCK_END));
                    return;
                }
            }
            if (!number() && !name() && !string()) {
                operator(open);
            }
        }
    }

    private boolean number() {
        final Matcher real =
                FLOAT.matcher(source).region(position, source.length()).useTransparentBounds(true);
        if (real.lookingAt()) {
            tokens.add(new Token(Token.Type.FLOAT, Double.valueOf(real.group().replace("_", "")), line));
            moveTo(real.end());
            return true;
        }
        final Matcher whole = INTEGER.matcher(source).region(position, source.length());
        if (whole.lookingAt()) {
            tokens.add(new Token(Token.Type.INTEGER, Numbers.literal(whole.group(), line), line));
            moveTo(whole.end());
            return true;
        }
        return false;
    }

    private boolean name() {
        final Matcher matcher = NAME.matcher(source).region(position, source.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        final String name = matcher.group();
        if (!Character.isUnicodeIdentifierStart(name.codePointAt(0)) && name.charAt(0) != '_') {
            throw TemplateFault.syntax(line, "Invalid character in identifier " + name);
        }
        tokens.add(new Token(Token.Type.NAME, name, line));
        moveTo(matcher.end());
        return true;
    }

    private boolean string() {
        final Matcher matcher = STRING.matcher(source).region(position, source.length());
        if (!matcher.lookingAt()) {
            return false;
        }
        final String inner = matcher.group().substring(1, matcher.group().length() - 1);
        tokens.add(new Token(Token.Type.STRING, Text.of(Escapes.decoded(inner, line)), line));
        moveTo(matcher.end());
        return true;
    }

    private void operator(final Deque<String> open) {
        for (final String operator : OPERATORS) {
            if (source.startsWith(operator, position)) {
                balance(open, operator);
                tokens.add(new Token(Token.Type.OPERATOR, operator, line));
                moveTo(position + operator.length());
                return;
            }
        }
        throw TemplateFault.syntax(line, "unexpected char '" + Character.toString(source.codePointAt(position)) + "'");
    }

    private void balance(final Deque<String> open, final String operator) {
        switch (operator) {
            case "(" -> open.push(")");
            case "[" -> open.push("]");
            case "{" -> open.push("}");
            case ")", "]", "}" -> {
                if (open.isEmpty() || !open.pop().equals(operator)) {
                    throw TemplateFault.syntax(line, "unexpected '" + operator + "'");
                }
            }
            default -> {}
        }
    }
}
