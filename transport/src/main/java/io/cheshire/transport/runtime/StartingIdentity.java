package io.cheshire.transport.runtime;

import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.RouterIdentity;
import java.security.SecureRandom;

/** Draws what a starting router or node is known by. */
public final class StartingIdentity {
    private StartingIdentity() {}

    /**
     * The endpoint of a node that starts now, with an incarnation and a stream of its own.
     *
     * @param channel {@code aeron:ipc}, or {@code aeron:udp?endpoint=host:port} with an address of this host
     */
    public static NodeEndpoint node(final int nodeId, final String channel) {
        final SecureRandom random = new SecureRandom();
        return new NodeEndpoint(
                nodeId, random.nextLong(), Channels.requireAllowed(channel), random.nextInt(1, Integer.MAX_VALUE));
    }

    /**
     * A router that starts now. Its stream is drawn, too, so that on shared memory it shares none with a router that
     * died and that the media driver hasn't given up yet.
     */
    public static RouterIdentity router(final int routerId, final String replyChannel) {
        final SecureRandom random = new SecureRandom();
        return new RouterIdentity(routerId, random.nextLong(), replyChannel, random.nextInt(1, Integer.MAX_VALUE));
    }
}
