package io.cheshire.transport.runtime.lifeline;

import io.cheshire.transport.core.link.LifelineDoor;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's end of its routers' lifelines ({@link LifelineConnection}): it accepts connections, reads the eight bytes
 * that only a router with a link knows, answers with eight that say who it is, and then holds them until the router, or
 * this process, is gone. Nothing more is read but the end: a byte that comes ends the connection. Where all places are
 * taken, the oldest connection that has proved nothing gives way, so that strangers can't keep routers out; beyond the
 * bound of those that have, one is closed unanswered: whoever finds it so says so, and goes by heartbeats alone.
 */
public sealed interface LifelineServer extends LifelineDoor, AutoCloseable permits ThreadLifelines, SocketLifelines {
    /**
     * Listens on the address on which the node takes its dispatches; over shared memory, on the loopback interface.
     * Where the kernel allows it a thread holds the connections that shares them with no other of the process.
     *
     * @param node           the node, without a lifeline
     * @param port           0 for any free one
     * @param maxConnections held at once
     * @throws IllegalArgumentException that address isn't one of this host, or its port is taken
     */
    static LifelineServer open(final NodeEndpoint node, final int port, final int maxConnections) {
        final Logger log = LoggerFactory.getLogger(LifelineServer.class);
        final String host = Channels.host(node.channel());
        try {
            // A name is looked up here, a literal isn't; an IPv6 literal stands in brackets in the channel.
            final InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
            try {
                return ThreadLifelines.open(node, host, address, maxConnections);
            } catch (final UnsupportedOperationException cause) {
                log.info(
                        "routers learn of the end of node {} when its memory is freed, not before: {}",
                        node.nodeId(),
                        cause.getMessage());
                return SocketLifelines.open(node, host, address, maxConnections);
            }
        } catch (final IOException cause) {
            throw new IllegalArgumentException(
                    "the node can't listen for its routers' lifelines on TCP port " + port + " of " + host + ": "
                            + cause.getMessage() + "; stop what listens there, give an address of this host and a port"
                            + " of this process's own (cheshire.role.channel, --channel), give lifelines another port"
                            + " (cheshire.transport.lifeline-port, 0 takes a free one), or turn them off"
                            + " (cheshire.transport.lifelines = off)",
                    cause);
        }
    }

    /** The node with the address of its lifelines. */
    NodeEndpoint endpoint();

    /** Connections that proved to be routers' and haven't ended; from any thread. */
    int heldCount();

    /** Lets go of all routers, which hear it at once. */
    @Override
    void close();
}
