package io.cheshire.transport.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.DirectBuffer;

/**
 * Signs and verifies the two handshake messages with HMAC-SHA256. What is signed contains the incarnations of both ends
 * and a growing sequence, so that a recorded handshake is worth nothing later. From it and the secret come the keys of
 * the link ({@link LinkKeys}) by which its frames carry MACs. Nothing is encrypted. Allocates; used in handshakes only.
 */
public final class ClusterSecret {
    /** Shortest secret that is taken. */
    public static final int MIN_CHARACTERS = 16;

    static final int MAC_BYTES = 32;
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;

    /** @throws IllegalArgumentException when shorter than {@link #MIN_CHARACTERS} */
    public ClusterSecret(final String secret) {
        if (secret.length() < MIN_CHARACTERS) {
            throw new IllegalArgumentException("the cluster's secret has " + secret.length()
                    + " characters; take at least " + MIN_CHARACTERS + ", or leave it empty for none");
        }
        this.key = new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM);
    }

    /** HMAC of the frame with its checksum and its MAC taken as zero. */
    byte[] sign(final DirectBuffer buffer, final int offset, final int length, final int macAt) {
        final byte[] frame = new byte[length];
        buffer.getBytes(offset, frame);
        Arrays.fill(frame, FrameLayout.CHECKSUM_OFFSET, FrameLayout.CHECKSUM_OFFSET + Integer.BYTES, (byte) 0);
        Arrays.fill(frame, macAt, macAt + MAC_BYTES, (byte) 0);
        try {
            final Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(frame);
        } catch (final GeneralSecurityException cause) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, cause);
        }
    }

    /** Compares in constant time. */
    boolean verify(final DirectBuffer buffer, final int offset, final int length, final int macAt) {
        final byte[] claimed = new byte[MAC_BYTES];
        buffer.getBytes(offset + macAt, claimed);
        return MessageDigest.isEqual(claimed, sign(buffer, offset, length, macAt));
    }

    /** The keys of the link that this Hello and its answer made. */
    public LinkKeys keys(final Hello hello, final long linkId) {
        return LinkKeys.derive(
                key,
                hello.routerId(),
                hello.routerIncarnation(),
                hello.sequence(),
                hello.nodeId(),
                hello.nodeIncarnation(),
                linkId);
    }

    /** The same, as the router has it from the answer to its Hello. */
    public LinkKeys keys(final HelloAnswer answer) {
        return LinkKeys.derive(
                key,
                answer.routerId(),
                answer.routerIncarnation(),
                answer.sequence(),
                answer.nodeId(),
                answer.nodeIncarnation(),
                answer.linkId());
    }

    @Override
    public String toString() {
        return "ClusterSecret(hidden)";
    }
}
