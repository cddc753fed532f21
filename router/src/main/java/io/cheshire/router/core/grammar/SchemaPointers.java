package io.cheshire.router.core.grammar;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** JSON pointers as fragments of URIs (RFC 6901, section 6). */
final class SchemaPointers {
    private static final int HEX_DIGITS = 2;
    private static final int HEX_BITS = 4;

    private SchemaPointers() {}

    /** The pointer: bytes that are written behind % are put in once, as UTF-8. A ~ belongs to the pointer. */
    static String unescaped(final String fragment, final String place) {
        final byte[] text = fragment.getBytes(StandardCharsets.UTF_8);
        final ByteBuffer bytes = ByteBuffer.allocate(text.length);
        for (int i = 0; i < text.length; i++) {
            if (text[i] != '%') {
                bytes.put(text[i]);
            } else if (i + HEX_DIGITS < text.length
                    && HexFormat.isHexDigit(text[i + 1])
                    && HexFormat.isHexDigit(text[i + HEX_DIGITS])) {
                final int high = HexFormat.fromHexDigit(text[++i]);
                bytes.put((byte) (high << HEX_BITS | HexFormat.fromHexDigit(text[++i])));
            } else {
                throw malformed(place);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (final CharacterCodingException e) {
            throw malformed(place);
        }
    }

    private static GrammarException malformed(final String place) {
        return new GrammarException(
                place, "has a $ref with a % that isn't followed by the hexadecimal digits of UTF-8");
    }
}
