package io.cheshire.model.runtime.text;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The letters in which byte-level files spell bytes: printable Latin-1 characters stand for themselves, the others, in
 * order, for the code points from 256 on.
 */
final class ByteAlphabet {
    private static final int FIRST_STAND_IN = 256;
    private static final int[] BYTE_OF_LETTER = byteOfLetter();

    private ByteAlphabet() {}

    /** The bytes that a piece spells, or null if some of its characters are no letters of this alphabet. */
    static byte @Nullable [] bytesOf(final String piece) {
        final byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            final char letter = piece.charAt(i);
            if (letter >= BYTE_OF_LETTER.length || BYTE_OF_LETTER[letter] < 0) {
                return null;
            }
            bytes[i] = (byte) BYTE_OF_LETTER[letter];
        }
        return bytes;
    }

    private static int[] byteOfLetter() {
        final int[] letters = new int[2 * FIRST_STAND_IN];
        Arrays.fill(letters, -1);
        int standIn = FIRST_STAND_IN;
        for (int b = 0; b < FIRST_STAND_IN; b++) {
            final boolean isPrintable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            letters[isPrintable ? b : standIn++] = b;
        }
        return letters;
    }
}
