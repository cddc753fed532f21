package io.cheshire.router.core.grammar;

import io.cheshire.router.core.grammar.PatternNode.Anchor;
import io.cheshire.router.core.grammar.PatternNode.Chars;
import io.cheshire.router.core.grammar.PatternNode.Either;
import io.cheshire.router.core.grammar.PatternNode.Repeated;
import io.cheshire.router.core.grammar.PatternNode.Sequence;
import java.util.ArrayList;
import java.util.List;

/**
 * Regular expressions as ECMA-262 writes them with the flag {@code u}, as far as they are regular: what looks around or
 * back is refused by name. Used once.
 */
final class PatternParser {
    private static final int MAX_CHARS = 1_000;
    private static final int MAX_DEPTH = 50;
    private static final int MAX_COUNT_DIGITS = 6;

    private final int[] text;
    private int at;
    private int depth;

    private PatternParser(final String pattern) {
        text = pattern.codePoints().toArray();
    }

    /** @throws GrammarException saying what isn't served */
    static PatternNode parse(final String pattern) {
        final PatternParser parser = new PatternParser(pattern);
        if (parser.text.length > MAX_CHARS) {
            throw refused("has " + parser.text.length + " characters; the limit is " + MAX_CHARS);
        }
        PatternClasses.refuseHalves(parser.text);
        final PatternNode node = parser.either();
        if (parser.at < parser.text.length) {
            throw refused("has a ) too many at character " + (parser.at + 1));
        }
        return node;
    }

    static GrammarException refused(final String what) {
        return new GrammarException("", what);
    }

    private boolean isAt(final char c) {
        return at < text.length && text[at] == c;
    }

    private boolean take(final char c) {
        if (isAt(c)) {
            at++;
            return true;
        }
        return false;
    }

    private int next() {
        if (at == text.length) {
            throw refused("ends too early");
        }
        return text[at++];
    }

    private PatternNode either() {
        final List<PatternNode> parts = new ArrayList<>();
        do {
            parts.add(sequence());
        } while (take('|'));
        return parts.size() == 1 ? parts.getFirst() : new Either(parts);
    }

    private PatternNode sequence() {
        final List<PatternNode> parts = new ArrayList<>();
        while (at < text.length && !isAt('|') && !isAt(')')) {
            parts.add(repeated(one()));
        }
        return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
    }

    private PatternNode one() {
        final int c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> new Chars(characterClass());
            case '.' -> new Chars(PatternClasses.NO_LINE_END);
            case '^' -> new Anchor(true);
            case '$' -> new Anchor(false);
            case '\\' -> new Chars(escape(false));
            case '*', '+', '?' -> throw refused("has nothing to repeat at character " + at);
            default -> new Chars(CodePoints.one(c));
        };
    }

    private PatternNode group() {
        if (++depth > MAX_DEPTH) {
            throw refused("has more than " + MAX_DEPTH + " groups within each other");
        }
        if (take('?') && !take(':')) {
            final boolean isNamed = take('<') && !isAt('=') && !isAt('!');
            if (!isNamed) {
                throw refused("looks around ((?=, (?!, (?<=, (?<!) or sets flags, which isn't served;"
                        + " say what is wanted instead");
            }
            while (next() != '>') {
                // The name is of no use here.
            }
        }
        final PatternNode inner = either();
        if (!take(')')) {
            throw refused("has a group that doesn't end");
        }
        depth--;
        return inner;
    }

    private PatternNode repeated(final PatternNode part) {
        PatternNode whole = part;
        while (at < text.length) {
            final int from = at;
            final int min;
            final int max;
            if (take('*')) {
                min = 0;
                max = Term.MANY;
            } else if (take('+')) {
                min = 1;
                max = Term.MANY;
            } else if (take('?')) {
                min = 0;
                max = 1;
            } else if (take('{')) {
                min = count();
                max = take(',') ? (isAt('}') ? Term.MANY : count()) : min;
                if (!take('}')) {
                    throw refused("has a { that doesn't begin a count at character " + (from + 1) + "; write \\{");
                }
            } else {
                return whole;
            }
            if (max < min) {
                throw refused("has a count whose end is below its start at character " + (from + 1));
            }
            if (whole instanceof Anchor) {
                throw refused("repeats an anchor at character " + (from + 1));
            }
            // Which of the readings is preferred doesn't matter: all texts are the same.
            take('?');
            whole = new Repeated(whole, min, max);
        }
        return whole;
    }

    private int count() {
        final int from = at;
        int value = 0;
        while (at < text.length && text[at] >= '0' && text[at] <= '9' && at - from < MAX_COUNT_DIGITS) {
            value = 10 * value + text[at++] - '0';
        }
        if (at == from) {
            throw refused("has a { that doesn't begin a count at character " + from + "; write \\{");
        }
        return value;
    }

    private CodePoints characterClass() {
        final boolean isNegated = take('^');
        final List<CodePoints.Range> ranges = new ArrayList<>();
        while (!take(']')) {
            final CodePoints low = classMember();
            if (isAt('-') && at + 1 < text.length && text[at + 1] != ']') {
                at++;
                ranges.addAll(PatternClasses.range(low, classMember()).ranges());
            } else {
                ranges.addAll(low.ranges());
            }
        }
        final CodePoints set = CodePoints.union(ranges);
        return isNegated ? set.not() : set;
    }

    private CodePoints classMember() {
        final int c = next();
        return c == '\\' ? escape(true) : CodePoints.one(c);
    }

    private CodePoints escape(final boolean inClass) {
        final int c = next();
        return switch (c) {
            case 'd' -> PatternClasses.DIGIT;
            case 'D' -> PatternClasses.DIGIT.not();
            case 'w' -> PatternClasses.WORD;
            case 'W' -> PatternClasses.WORD.not();
            case 's' -> PatternClasses.SPACE;
            case 'S' -> PatternClasses.SPACE.not();
            case 't' -> CodePoints.one('\t');
            case 'n' -> CodePoints.one('\n');
            case 'r' -> CodePoints.one('\r');
            case 'f' -> CodePoints.one('\f');
            case 'v' -> CodePoints.one(0x0B);
            case '0' -> PatternClasses.zero(at < text.length ? text[at] : -1);
            case 'x' -> CodePoints.one(hex(2));
            case 'u' -> PatternClasses.character(unicode());
            case 'b' -> {
                if (!inClass) {
                    throw refused("looks for an end of a word (\\b), which isn't served; say what is wanted instead");
                }
                yield CodePoints.one('\b');
            }
            default -> PatternClasses.escaped(c);
        };
    }

    private int hex(final int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            final int c = next();
            final int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw refused("has a character in hexadecimal digits that doesn't end");
            }
            value = 16 * value + digit;
        }
        return value;
    }

    private int unicode() {
        if (take('{')) {
            int value = hex(1);
            while (!take('}')) {
                value = 16 * value + hex(1);
                if (value > Character.MAX_CODE_POINT) {
                    throw refused("has a character beyond U+10FFFF");
                }
            }
            return value;
        }
        final int high = hex(4);
        if (Character.isHighSurrogate((char) high) && isAt('\\') && at + 1 < text.length && text[at + 1] == 'u') {
            at += 2;
            return PatternClasses.pair(high, hex(4));
        }
        return high;
    }
}
