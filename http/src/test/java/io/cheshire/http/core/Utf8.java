package io.cheshire.http.core;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Decodes as Python does: the JDK's decoder, but that it makes one U+FFFD of the three bytes of a surrogate. */
final class Utf8 {
    private Utf8() {}

    static String decoded(final byte[] bytes) {
        final StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 1; i < bytes.length; i++) {
            if ((bytes[i - 1] & 0xff) == 0xED && (bytes[i] & 0xff) >= 0xA0) {
                text.append(new String(Arrays.copyOfRange(bytes, from, i), StandardCharsets.UTF_8));
                from = i;
            }
        }
        return text.append(new String(Arrays.copyOfRange(bytes, from, bytes.length), StandardCharsets.UTF_8))
                .toString();
    }
}
