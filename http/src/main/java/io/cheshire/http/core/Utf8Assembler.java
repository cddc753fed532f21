package io.cheshire.http.core;

import org.jspecify.annotations.Nullable;

/**
 * Bytes that arrive in pieces, to whole characters. What can't become a character shows as U+FFFD, one for each longest
 * beginning of a character and for each other byte, as Unicode recommends and most decoders do. Pure, single-threaded.
 */
final class Utf8Assembler {
    private static final char REPLACEMENT = '\uFFFD';
    private static final int CONTINUATION_LOW = 0x80;
    private static final int CONTINUATION_HIGH = 0xBF;

    private int codePoint;
    private int open;
    private int missing;
    private int low = CONTINUATION_LOW;
    private int high = CONTINUATION_HIGH;

    /** Bytes of a character that isn't complete. */
    int openBytes() {
        return open;
    }

    /**
     * Adds bytes and appends the characters that they complete.
     *
     * @return true if the first character appended is the U+FFFD of bytes that came before these
     */
    boolean push(final byte[] bytes, final StringBuilder out) {
        boolean broke = false;
        for (int i = 0; i < bytes.length; i++) {
            final int b = bytes[i] & 0xff;
            if (open > 0 && (b < low || b > high)) {
                broke |= i == 0;
                finish(out);
            }
            if (open > 0) {
                next(b, out);
            } else {
                first(b, out);
            }
        }
        return broke;
    }

    /** The end: appends a U+FFFD for what is open, and tells whether something was. */
    boolean finish(final StringBuilder out) {
        if (open == 0) {
            return false;
        }
        out.append(REPLACEMENT);
        reset();
        return true;
    }

    /** Whether bytes are whole characters by themselves. */
    static boolean isWhole(final byte[] bytes) {
        final Utf8Assembler assembler = new Utf8Assembler();
        for (final byte next : bytes) {
            final int b = next & 0xff;
            if (assembler.open > 0) {
                if (b < assembler.low || b > assembler.high) {
                    return false;
                }
                assembler.next(b, null);
            } else if (!assembler.first(b, null)) {
                return false;
            }
        }
        return assembler.open == 0;
    }

    private boolean first(final int b, final @Nullable StringBuilder out) {
        if (b < 0x80) {
            append(b, out);
            return true;
        }
        // The second byte's range excludes overlong forms, surrogates, and what lies beyond the last code point.
        if (b >= 0xC2 && b <= 0xDF) {
            begin(b & 0x1F, 1, CONTINUATION_LOW, CONTINUATION_HIGH);
        } else if (b >= 0xE0 && b <= 0xEF) {
            begin(b & 0x0F, 2, b == 0xE0 ? 0xA0 : CONTINUATION_LOW, b == 0xED ? 0x9F : CONTINUATION_HIGH);
        } else if (b >= 0xF0 && b <= 0xF4) {
            begin(b & 0x07, 3, b == 0xF0 ? 0x90 : CONTINUATION_LOW, b == 0xF4 ? 0x8F : CONTINUATION_HIGH);
        } else {
            append(REPLACEMENT, out);
            return false;
        }
        return true;
    }

    private void begin(final int bits, final int more, final int lowest, final int highest) {
        codePoint = bits;
        missing = more;
        open = 1;
        low = lowest;
        high = highest;
    }

    private void next(final int b, final @Nullable StringBuilder out) {
        codePoint = codePoint << 6 | (b & 0x3F);
        open++;
        missing--;
        low = CONTINUATION_LOW;
        high = CONTINUATION_HIGH;
        if (missing == 0) {
            append(codePoint, out);
            reset();
        }
    }

    private void reset() {
        open = 0;
        missing = 0;
        low = CONTINUATION_LOW;
        high = CONTINUATION_HIGH;
    }

    private static void append(final int codePoint, final @Nullable StringBuilder out) {
        if (out != null) {
            out.appendCodePoint(codePoint);
        }
    }
}
