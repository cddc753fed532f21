package io.cheshire.router.core.grammar;

import io.cheshire.router.core.grammar.CharacterCoding.Spelling;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * JSON as terms. White space: one space, if any, behind a colon and behind a comma, none elsewhere; a model that may
 * write blanks without end does so.
 */
final class JsonTerms {
    /** No number has more digits before its point, or behind it. */
    private static final int MAX_DIGITS = 30;

    private static final int MAX_EXPONENT_DIGITS = 3;
    /** What all characters but those that go on with a name cost. */
    private static final int STEPS_PER_PREFIX = 16;

    final TermPool pool;
    final CharacterCoding coding;
    /** What was read of the schemas that are compiled to these terms. */
    final SchemaSteps steps = new SchemaSteps();

    final Term colon;
    final Term comma;
    final Term quote;
    /** Any character of a string, in any of its spellings. */
    final Term anyCharacter;
    /** Any character of a string in its one spelling. */
    final Term plainCharacter;

    final Term digit;
    final Term integer;
    final Term number;
    final Term string;
    final Term object;
    final Term array;
    final Term value;

    JsonTerms(final TermPool pool) {
        this.pool = pool;
        coding = new CharacterCoding(pool);
        final Term space = pool.optional(text(" "));
        colon = pool.pair(text(":"), space);
        comma = pool.pair(text(","), space);
        quote = text("\"");
        plainCharacter = coding.one(CodePoints.ALL, Spelling.JSON);
        anyCharacter = anyCharacter();
        digit = pool.bytes(ByteSet.range('0', '9'));
        final Term natural = pool.either(
                text("0"), pool.pair(pool.bytes(ByteSet.range('1', '9')), pool.repeat(digit, 0, MAX_DIGITS - 1)));
        integer = pool.pair(pool.optional(text("-")), natural);
        final Term fraction = pool.pair(text("."), pool.repeat(digit, 1, MAX_DIGITS));
        final Term exponent = pool.sequence(
                pool.bytes(ByteSet.of('e').or(ByteSet.of('E'))),
                pool.optional(pool.bytes(ByteSet.of('+').or(ByteSet.of('-')))),
                pool.repeat(digit, 1, MAX_EXPONENT_DIGITS));
        number = pool.sequence(integer, pool.optional(fraction), pool.optional(exponent));
        string = pool.sequence(quote, pool.star(anyCharacter), quote);
        value = pool.declare(false);
        object = braced("{", pool.sequence(string, colon, value), "}");
        array = braced("[", value, "]");
        pool.define(value, pool.either(string, number, object, array, text("true"), text("false"), text("null")));
    }

    Term text(final String text) {
        return pool.literal(coding.text(text, Spelling.PLAIN));
    }

    private Term braced(final String open, final Term member, final String close) {
        final Term members = pool.pair(member, pool.star(pool.pair(comma, member)));
        return pool.sequence(text(open), pool.optional(members), text(close));
    }

    private Term anyCharacter() {
        final Term hex =
                pool.bytes(ByteSet.range('0', '9').or(ByteSet.range('a', 'f')).or(ByteSet.range('A', 'F')));
        final Term letterD = pool.bytes(ByteSet.of('d').or(ByteSet.of('D')));
        final Term notD = pool.bytes(ByteSet.range('0', '9')
                .or(ByteSet.range('a', 'c'))
                .or(ByteSet.range('A', 'C'))
                .or(ByteSet.range('e', 'f'))
                .or(ByteSet.range('E', 'F')));
        final Term low = pool.bytes(ByteSet.range('0', '7'));
        final Term eightToB =
                pool.bytes(ByteSet.range('8', '9').or(ByteSet.range('a', 'b')).or(ByteSet.range('A', 'B')));
        final Term cToF = pool.bytes(ByteSet.range('c', 'f').or(ByteSet.range('C', 'F')));
        final Term escape = text("\\u");
        final Term single = pool.pair(
                escape, pool.either(pool.sequence(notD, hex, hex, hex), pool.sequence(letterD, low, hex, hex)));
        final Term both = pool.sequence(escape, letterD, eightToB, hex, hex, escape, letterD, cToF, hex, hex);
        ByteSet letters = ByteSet.NONE;
        final String escapable = "\"\\/bfnrt";
        for (int i = 0; i < escapable.length(); i++) {
            letters = letters.or(ByteSet.of(escapable.charAt(i)));
        }
        final CodePoints unescaped =
                CodePoints.of(0, 0x1F).or(CodePoints.each("\"\\")).not();
        return pool.either(
                coding.one(unescaped, Spelling.PLAIN), pool.pair(text("\\"), pool.bytes(letters)), single, both);
    }

    /** A string that says just this. */
    Term literalString(final String text) {
        return pool.sequence(quote, pool.literal(coding.text(text, Spelling.JSON)), quote);
    }

    /** A list of members, {@code min} to {@code max} of them. */
    Term list(final Term member, final int min, final int max) {
        if (max == 0) {
            return text("[]");
        }
        final Term more =
                pool.repeat(pool.pair(comma, member), Math.max(0, min - 1), max == Term.MANY ? Term.MANY : max - 1);
        final Term members = pool.pair(member, more);
        return pool.sequence(text("["), min == 0 ? pool.optional(members) : members, text("]"));
    }

    /** Strings, without their quotes, that are none of the names. */
    Term otherThan(final Collection<String> names) {
        final SortedMap<String, int[]> sorted = new TreeMap<>();
        names.forEach(name -> sorted.put(name, name.codePoints().toArray()));
        return otherThan(sorted.values().toArray(int[][]::new), 0);
    }

    private Term otherThan(final int[][] names, final int depth) {
        steps.take(names.length + STEPS_PER_PREFIX);
        boolean isName = false;
        final SortedMap<Integer, List<int[]>> byNext = new TreeMap<>();
        for (final int[] name : names) {
            if (name.length == depth) {
                isName = true;
            } else {
                byNext.computeIfAbsent(name[depth], _ -> new ArrayList<>()).add(name);
            }
        }
        final List<CodePoints.Range> here = new ArrayList<>();
        final List<Term> ways = new ArrayList<>();
        ways.add(isName ? pool.nothing : pool.empty);
        for (final var next : byNext.entrySet()) {
            here.add(new CodePoints.Range(next.getKey(), next.getKey()));
            final Term rest = otherThan(next.getValue().toArray(int[][]::new), depth + 1);
            ways.add(pool.pair(coding.one(CodePoints.one(next.getKey()), Spelling.JSON), rest));
        }
        final CodePoints others = CodePoints.union(here).not();
        ways.add(pool.pair(coding.one(others, Spelling.JSON), pool.star(plainCharacter)));
        return pool.either(ways);
    }
}
