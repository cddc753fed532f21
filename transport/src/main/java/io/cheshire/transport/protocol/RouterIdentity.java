package io.cheshire.transport.protocol;

/**
 * A router as nodes know it.
 *
 * @param routerId      number of the router in the cluster
 * @param incarnation   drawn at every start
 * @param replyChannel  {@code aeron:ipc}, or {@code aeron:udp?endpoint=host:port} with an address of this host
 * @param replyStreamId Aeron stream on which the router listens
 */
public record RouterIdentity(int routerId, long incarnation, String replyChannel, int replyStreamId) {
    public RouterIdentity {
        if (routerId < 0) {
            throw new IllegalArgumentException("a router's number must not be negative: " + routerId);
        }
        Channels.requireAllowed(replyChannel);
    }
}
