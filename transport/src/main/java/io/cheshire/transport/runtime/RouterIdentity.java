package io.cheshire.transport.runtime;

import java.security.SecureRandom;

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

    /**
     * A router that starts now. Its stream is drawn, too, so that on shared memory it shares none with a router that
     * died and that the media driver hasn't given up yet.
     */
    public static RouterIdentity starting(final int routerId, final String replyChannel) {
        final SecureRandom random = new SecureRandom();
        return new RouterIdentity(routerId, random.nextLong(), replyChannel, random.nextInt(1, Integer.MAX_VALUE));
    }
}
