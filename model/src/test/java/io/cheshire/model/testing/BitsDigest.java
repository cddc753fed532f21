package io.cheshire.model.testing;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over the bits of numbers: one text for thousands of them. Not-a-numbers all count as one. */
public final class BitsDigest {
    private final MessageDigest digest;

    public BitsDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException cause) {
            throw new IllegalStateException(cause);
        }
    }

    public BitsDigest add(final float... values) {
        final ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        for (final float value : values) {
            bytes.putInt(Float.floatToIntBits(value));
        }
        digest.update(bytes.array());
        return this;
    }

    public BitsDigest add(final int... values) {
        final ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
        for (final int value : values) {
            bytes.putInt(value);
        }
        digest.update(bytes.array());
        return this;
    }

    /** In hexadecimal digits; the next one begins anew. */
    public String text() {
        return HexFormat.of().formatHex(digest.digest(), 0, 12);
    }
}
