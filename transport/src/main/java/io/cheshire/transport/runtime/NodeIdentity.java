package io.cheshire.transport.runtime;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.security.SecureRandom;

/** Draws what a starting node is known by. */
public final class NodeIdentity {
    private NodeIdentity() {}

    /**
     * The endpoint of a node that starts now, with an incarnation and a stream of its own.
     *
     * @param channel {@code aeron:ipc}, or {@code aeron:udp?endpoint=host:port} with an address of this host
     */
    public static NodeEndpoint starting(final int nodeId, final String channel) {
        final SecureRandom random = new SecureRandom();
        return new NodeEndpoint(
                nodeId, random.nextLong(), Channels.requireAllowed(channel), random.nextInt(1, Integer.MAX_VALUE));
    }
}
