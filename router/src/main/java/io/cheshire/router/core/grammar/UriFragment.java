package io.cheshire.router.core.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a fragment of a URI stands for: bytes behind %, once, as UTF-8; all else is itself (RFC 3986, 2.1). */
final class UriFragment {
    private static final int RADIX = 16;
    private static final int DIGITS = 2;

    private UriFragment() {}

    /** Null: a % without two hexadecimal digits, or what isn't UTF-8. */
    static @Nullable String decoded(final String fragment) {
        if (fragment.indexOf('%') < 0) {
            return fragment;
        }
        final byte[] from = fragment.getBytes(StandardCharsets.UTF_8);
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream(from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] != '%') {
                bytes.write(from[i]);
                continue;
            }
            int value = 0;
            for (int digit = 1; digit <= DIGITS; digit++) {
                final int at = i + digit;
                final int nibble = at < from.length && from[at] > 0 ? Character.digit(from[at], RADIX) : -1;
                if (nibble < 0) {
                    return null;
                }
                value = value * RADIX + nibble;
            }
            bytes.write(value);
            i += DIGITS;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (final CharacterCodingException noText) {
            return null;
        }
    }
}
