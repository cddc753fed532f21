package io.cheshire.transport.protocol;

/**
 * A router asks for a link.
 *
 * @param version           schema version of the router
 * @param routerId          number of the router
 * @param routerIncarnation drawn at every start of the router
 * @param nodeId            the node that is asked
 * @param nodeIncarnation   the incarnation that is asked
 * @param sequence          grows with every link asked for by this incarnation of the router
 * @param fingerprint       the router's model
 * @param hiddenSize        elements of a row
 * @param dtypeCode         wire code of the row format
 * @param replyChannel      Aeron channel on which the router listens
 * @param replyStreamId     Aeron stream on which the router listens
 */
public record Hello(
        int version,
        int routerId,
        long routerIncarnation,
        int nodeId,
        long nodeIncarnation,
        long sequence,
        Fingerprint fingerprint,
        int hiddenSize,
        int dtypeCode,
        String replyChannel,
        int replyStreamId) {
    /** The same, answered on another channel. */
    public Hello answeredOn(final String channel) {
        return new Hello(
                version,
                routerId,
                routerIncarnation,
                nodeId,
                nodeIncarnation,
                sequence,
                fingerprint,
                hiddenSize,
                dtypeCode,
                channel,
                replyStreamId);
    }
}
