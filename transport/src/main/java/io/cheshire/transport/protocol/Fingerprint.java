package io.cheshire.transport.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** SHA-256 over a model's config and its tensors' names, shapes and contents: equal only for the same model. */
public record Fingerprint(long word0, long word1, long word2, long word3) {
    /** Length on the wire and of {@link #of}'s argument. */
    public static final int BYTES = 32;

    /** @throws IllegalArgumentException unless there are 32 bytes */
    public static Fingerprint of(final byte[] sha256) {
        if (sha256.length != BYTES) {
            throw new IllegalArgumentException("a fingerprint has 32 bytes, not " + sha256.length);
        }
        final ByteBuffer words = ByteBuffer.wrap(sha256);
        return new Fingerprint(words.getLong(), words.getLong(), words.getLong(), words.getLong());
    }

    /** @param hex 64 hexadecimal digits */
    public static Fingerprint ofHex(final String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    /** A fingerprint of this one and a further fact, equal only where both are. */
    public Fingerprint with(final String fact) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(HexFormat.of().parseHex(toHex()));
            return of(digest.digest(fact.getBytes(StandardCharsets.UTF_8)));
        } catch (final NoSuchAlgorithmException cause) {
            throw new IllegalStateException("every JDK has SHA-256", cause);
        }
    }

    static Fingerprint read(final DirectBuffer buffer, final int offset) {
        return new Fingerprint(
                buffer.getLong(offset, ByteOrder.BIG_ENDIAN),
                buffer.getLong(offset + 8, ByteOrder.BIG_ENDIAN),
                buffer.getLong(offset + 16, ByteOrder.BIG_ENDIAN),
                buffer.getLong(offset + 24, ByteOrder.BIG_ENDIAN));
    }

    void write(final MutableDirectBuffer buffer, final int offset) {
        buffer.putLong(offset, word0, ByteOrder.BIG_ENDIAN);
        buffer.putLong(offset + 8, word1, ByteOrder.BIG_ENDIAN);
        buffer.putLong(offset + 16, word2, ByteOrder.BIG_ENDIAN);
        buffer.putLong(offset + 24, word3, ByteOrder.BIG_ENDIAN);
    }

    /** 64 hexadecimal digits. */
    public String toHex() {
        final HexFormat hex = HexFormat.of();
        return hex.toHexDigits(word0) + hex.toHexDigits(word1) + hex.toHexDigits(word2) + hex.toHexDigits(word3);
    }

    /** The first 12 digits, for messages to people. */
    @Override
    public String toString() {
        return toHex().substring(0, 12);
    }
}
