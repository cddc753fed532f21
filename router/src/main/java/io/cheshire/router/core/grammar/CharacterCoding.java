package io.cheshire.router.core.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Characters as bytes: as UTF-8, or as they stand in a string of JSON, where each has one spelling. */
final class CharacterCoding {
    /** How characters are spelt. */
    enum Spelling {
        /** As they are. */
        PLAIN,
        /** Quotes, backslashes and controls behind a backslash, all else as it is. */
        JSON
    }

    private static final CodePoints ESCAPED = CodePoints.of(0, 0x1F).or(CodePoints.each("\"\\"));
    private static final String SHORT = "\"\\\b\f\n\r\t";
    private static final String SHORT_LETTERS = "\"\\bfnrt";

    private final TermPool pool;
    private final Map<CodePoints, Term> inJson = new HashMap<>();

    CharacterCoding(final TermPool pool) {
        this.pool = pool;
    }

    /** One character of the set. */
    Term one(final CodePoints set, final Spelling spelling) {
        if (spelling == Spelling.PLAIN) {
            return utf8(set);
        }
        final Term known = inJson.get(set);
        if (known != null) {
            return known;
        }
        final Term made = inJson(set);
        inJson.put(set, made);
        return made;
    }

    private Term inJson(final CodePoints set) {
        final List<Term> spellings = new ArrayList<>();
        spellings.add(utf8(set.minus(ESCAPED)));
        for (int c = 0; c <= '\\'; c++) {
            if (set.has(c) && ESCAPED.has(c)) {
                spellings.add(pool.literal(escaped(c).getBytes(StandardCharsets.US_ASCII)));
            }
        }
        return pool.either(spellings);
    }

    private static String escaped(final int c) {
        final int at = SHORT.indexOf(c);
        return at >= 0 ? "\\" + SHORT_LETTERS.charAt(at) : "\\u%04x".formatted(c);
    }

    /** A text in that spelling. */
    byte[] text(final String text, final Spelling spelling) {
        if (spelling == Spelling.PLAIN) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        final StringBuilder spelt = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (ESCAPED.has(c)) {
                spelt.append(escaped(c));
            } else {
                spelt.appendCodePoint(c);
            }
        });
        return spelt.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Term utf8(final CodePoints set) {
        final List<Term> parts = new ArrayList<>();
        for (final CodePoints.Range range : set.ranges()) {
            split(range.low(), range.high(), parts);
        }
        return pool.either(parts);
    }

    /** Cuts where the number of bytes changes, then where a leading byte stands for less than all that can follow. */
    private void split(final int low, final int high, final List<Term> parts) {
        for (final int last : new int[] {0x7F, 0x7FF, 0xFFFF}) {
            if (low <= last && last < high) {
                split(low, last, parts);
                split(last + 1, high, parts);
                return;
            }
        }
        final byte[] from = Character.toString(low).getBytes(StandardCharsets.UTF_8);
        final byte[] to = Character.toString(high).getBytes(StandardCharsets.UTF_8);
        parts.add(between(from, to, 0));
    }

    /** Byte strings of one length that are UTF-8 throughout, from one to the other. */
    private Term between(final byte[] from, final byte[] to, final int at) {
        final int low = from[at] & 0xff;
        final int high = to[at] & 0xff;
        if (at == from.length - 1) {
            return pool.bytes(ByteSet.range(low, high));
        }
        if (low == high) {
            return pool.pair(pool.bytes(ByteSet.of(low)), between(from, to, at + 1));
        }
        final byte[] first = edge(from.length, 0x80);
        final byte[] last = edge(from.length, 0xBF);
        final Term lowest = pool.pair(pool.bytes(ByteSet.of(low)), between(from, last, at + 1));
        final Term highest = pool.pair(pool.bytes(ByteSet.of(high)), between(first, to, at + 1));
        final Term middle = low + 1 > high - 1
                ? pool.nothing
                : pool.pair(pool.bytes(ByteSet.range(low + 1, high - 1)), between(first, last, at + 1));
        return pool.either(lowest, middle, highest);
    }

    private static byte[] edge(final int length, final int value) {
        final byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
