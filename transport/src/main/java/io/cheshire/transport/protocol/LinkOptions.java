package io.cheshire.transport.protocol;

/**
 * How frames are guarded on a link, as far as both ends must agree on it.
 *
 * @param mac              frames carry a MAC, and then no checksum
 * @param checksumToNode   frames to the node carry a checksum
 * @param checksumToRouter frames to the router carry a checksum
 */
public record LinkOptions(boolean mac, boolean checksumToNode, boolean checksumToRouter) {
    /** Neither: what a refusal says. */
    public static final LinkOptions NONE = new LinkOptions(false, false, false);

    private static final int MAC = 1;
    private static final int CHECKSUM_TO_NODE = 2;
    private static final int CHECKSUM_TO_ROUTER = 4;
    static final int ALL = MAC | CHECKSUM_TO_NODE | CHECKSUM_TO_ROUTER;

    static LinkOptions of(final int bits) {
        return new LinkOptions((bits & MAC) != 0, (bits & CHECKSUM_TO_NODE) != 0, (bits & CHECKSUM_TO_ROUTER) != 0);
    }

    short bits() {
        return (short) ((mac ? MAC : 0)
                | (checksumToNode ? CHECKSUM_TO_NODE : 0)
                | (checksumToRouter ? CHECKSUM_TO_ROUTER : 0));
    }

    /** Whether frames that one end sends are those that the other takes. */
    public boolean agreesWith(final LinkOptions other) {
        return mac == other.mac
                && (mac || (checksumToNode == other.checksumToNode && checksumToRouter == other.checksumToRouter));
    }
}
