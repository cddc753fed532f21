package io.cheshire.transport.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The two keys of one link, one a direction, and the proof for its lifeline: HKDF-SHA256 of the cluster's secret and of
 * what the signed handshake drew on both sides. The router draws its incarnation and counts its links, the node draws
 * the link's id, so no two links have the same keys, and what was recorded on one is worth nothing on another.
 */
public final class LinkKeys {
    private static final byte[] INFO = "cheshire data plane, link keys".getBytes(StandardCharsets.US_ASCII);

    private final byte[] toNode;
    private final byte[] toRouter;
    private final long lifelineProof;

    private LinkKeys(final byte[] all) {
        toNode = Arrays.copyOf(all, FrameMac.KEY_BYTES);
        toRouter = Arrays.copyOfRange(all, FrameMac.KEY_BYTES, 2 * FrameMac.KEY_BYTES);
        lifelineProof = ByteBuffer.wrap(all).getLong(2 * FrameMac.KEY_BYTES);
    }

    static LinkKeys derive(
            final SecretKey secret,
            final int routerId,
            final long routerIncarnation,
            final long sequence,
            final int nodeId,
            final long nodeIncarnation,
            final long linkId) {
        final ByteBuffer drawn = ByteBuffer.allocate(4 * Long.BYTES + 2 * Integer.BYTES)
                .putInt(routerId)
                .putLong(routerIncarnation)
                .putLong(sequence)
                .putInt(nodeId)
                .putLong(nodeIncarnation)
                .putLong(linkId);
        try {
            return new LinkKeys(KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret)
                            .addSalt(drawn.array())
                            .thenExpand(INFO, 2 * FrameMac.KEY_BYTES + Long.BYTES)));
        } catch (final GeneralSecurityException cause) {
            throw new IllegalStateException("every JDK from 25 on has HKDF-SHA256", cause);
        }
    }

    /** A MAC for the frames from the router to the node: an instance each for who signs and who verifies. */
    public FrameMac toNode() {
        return new FrameMac(toNode);
    }

    /** A MAC for the frames from the node to the router. */
    public FrameMac toRouter() {
        return new FrameMac(toRouter);
    }

    /** What the router says on its lifeline to show that the link is its own. */
    public long lifelineProof() {
        return lifelineProof;
    }

    @Override
    public String toString() {
        return "LinkKeys(hidden)";
    }
}
