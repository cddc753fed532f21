package io.cheshire.transport.protocol;

import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * HMAC-SHA256 over the frames of one direction of one link, cut to {@value #BYTES} bytes: whoever doesn't have the
 * link's key can neither make a frame nor change one. One instance a link and direction, one thread.
 *
 * <p>Built from the JDK's SHA-256 (RFC 2104), whose compression is an intrinsic: {@link javax.crypto.Mac} would
 * allocate for every frame. The bytes go through a buffer that stays in the L1 cache, since a digest can't read a term
 * buffer in place.
 */
public final class FrameMac {
    /** Length of a MAC; a forger needs 2^128 tries. */
    public static final int BYTES = 16;
    /** Length of a key. */
    public static final int KEY_BYTES = 32;

    private static final int BLOCK_BYTES = 64;
    private static final int DIGEST_BYTES = 32;
    private static final int CHUNK_BYTES = 8192;
    private static final byte INNER = 0x36;
    private static final byte OUTER = 0x5c;

    private final MessageDigest digest;
    private final byte[] innerPad = new byte[BLOCK_BYTES];
    private final byte[] outerPad = new byte[BLOCK_BYTES];
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final byte[] code = new byte[DIGEST_BYTES];

    /** @param key {@link #KEY_BYTES} long; copied */
    public FrameMac(final byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a link's key has " + KEY_BYTES + " bytes, not " + key.length);
        }
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException cause) {
            throw new IllegalStateException("every JDK has SHA-256", cause);
        }
        for (int i = 0; i < BLOCK_BYTES; i++) {
            final byte keyed = i < KEY_BYTES ? key[i] : 0;
            innerPad[i] = (byte) (keyed ^ INNER);
            outerPad[i] = (byte) (keyed ^ OUTER);
        }
    }

    /** Writes the MAC of a frame that is complete but for it, and has no checksum. */
    void sign(final MutableDirectBuffer buffer, final int offset, final int length) {
        compute(buffer, offset, length);
        buffer.putBytes(offset + FrameLayout.MAC_OFFSET, code, 0, BYTES);
    }

    /** Whether a frame that has passed the gate carries the right MAC; takes as long wherever it differs. */
    public boolean matches(final DirectBuffer buffer, final int offset, final int length) {
        compute(buffer, offset, length);
        int difference = 0;
        for (int i = 0; i < BYTES; i++) {
            difference |= code[i] ^ buffer.getByte(offset + FrameLayout.MAC_OFFSET + i);
        }
        return difference == 0;
    }

    private void compute(final DirectBuffer buffer, final int offset, final int length) {
        digest.reset();
        digest.update(innerPad);
        int done = 0;
        while (done < length) {
            final int count = Math.min(CHUNK_BYTES, length - done);
            buffer.getBytes(offset + done, chunk, 0, count);
            if (done == 0) {
                Arrays.fill(chunk, FrameLayout.MAC_OFFSET, FrameLayout.MAC_OFFSET + BYTES, (byte) 0);
            }
            digest.update(chunk, 0, count);
            done += count;
        }
        try {
            digest.digest(code, 0, DIGEST_BYTES);
            digest.update(outerPad);
            digest.update(code);
            digest.digest(code, 0, DIGEST_BYTES);
        } catch (final DigestException cause) {
            throw new IllegalStateException("the buffer has a digest's length", cause);
        }
    }

    /** Number of a frame that has passed the gate. */
    public static long numberOf(final DirectBuffer buffer, final int offset) {
        return buffer.getLong(offset + FrameLayout.NUMBER_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /** Whether a frame that has passed the gate carries a MAC. */
    public static boolean isIn(final DirectBuffer buffer, final int offset) {
        return (buffer.getShort(offset + FrameLayout.FLAGS_OFFSET, ByteOrder.LITTLE_ENDIAN) & FrameLayout.FLAG_MAC)
                != 0;
    }
}
