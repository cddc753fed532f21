package io.cheshire.transport.runtime;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's end of its routers' lifelines ({@link Lifeline}): it accepts connections, says who it is in eight bytes, and
 * then holds them until the router, or this process, is gone. Nothing is read but the end: a byte that comes ends the connection.
 *
 * <p>Its threads are virtual, one that accepts and one a connection. Connections beyond the bound are closed unanswered:
 * whoever finds it so goes by heartbeats alone.
 */
public final class LifelineServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LifelineServer.class);
    private static final long ACCEPT_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocket server;
    private final NodeEndpoint endpoint;
    private final int maxConnections;
    private final Set<Socket> held = ConcurrentHashMap.newKeySet();
    private final AtomicInteger greeted = new AtomicInteger();

    private LifelineServer(final ServerSocket server, final NodeEndpoint endpoint, final int maxConnections) {
        this.server = server;
        this.endpoint = endpoint;
        this.maxConnections = maxConnections;
    }

    /**
     * Listens on a free port of the address on which the node takes its dispatches; over shared memory, of the loopback interface.
     *
     * @param node           the node, without a lifeline
     * @param maxConnections held at once
     * @throws IllegalArgumentException that address isn't one of this host
     */
    public static LifelineServer open(final NodeEndpoint node, final int maxConnections) {
        final String host = Channels.host(node.channel());
        final ServerSocket server;
        try {
            server = new ServerSocket();
            // A name is looked up here, a literal isn't; an IPv6 literal stands in brackets in the channel.
            server.bind(new InetSocketAddress(InetAddress.getByName(host), 0), maxConnections);
        } catch (final IOException cause) {
            throw new IllegalArgumentException(
                    "the node can't listen for its routers' lifelines on " + host + ": "
                            + cause.getMessage() + "; give an address of this host (cheshire.role.channel, --channel),"
                            + " or turn them off (cheshire.transport.lifelines = off)",
                    cause);
        }
        final LifelineServer opened =
                new LifelineServer(server, node.withLifeline(host + ":" + server.getLocalPort()), maxConnections);
        Thread.ofVirtual().name("lifelines-of-node-" + node.nodeId()).start(opened::accept);
        return opened;
    }

    /** The node with the address of its lifelines. */
    public NodeEndpoint endpoint() {
        return endpoint;
    }

    /** Connections that were told who holds them, and haven't ended; from any thread. */
    public int heldCount() {
        return greeted.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                hold(server.accept());
            } catch (final IOException cause) {
                if (!server.isClosed()) {
                    // No file descriptors are left, or the connection was gone before it was accepted.
                    LOG.warn("node {} can't accept a lifeline: {}", endpoint.nodeId(), cause.getMessage());
                    LockSupport.parkNanos(ACCEPT_PAUSE_NS);
                }
            }
        }
    }

    private void hold(final Socket connection) {
        held.add(connection);
        if (held.size() > maxConnections) {
            LOG.warn(
                    "node {} holds {} lifelines (twice cheshire.transport.max-routers) and refuses one from {}",
                    endpoint.nodeId(),
                    maxConnections,
                    connection.getRemoteSocketAddress());
            release(connection);
            return;
        }
        Thread.ofVirtual().name("lifeline-of-node-" + endpoint.nodeId()).start(() -> holdUntilItEnds(connection));
        if (server.isClosed()) {
            release(connection);
        }
    }

    private void holdUntilItEnds(final Socket connection) {
        try (connection) {
            connection.setKeepAlive(true);
            new DataOutputStream(connection.getOutputStream()).writeLong(endpoint.incarnation());
            greeted.incrementAndGet();
            try {
                connection.getInputStream().read();
            } finally {
                greeted.decrementAndGet();
            }
        } catch (final IOException ended) {
            LOG.debug("a router's lifeline ended: {}", ended.getMessage());
        } finally {
            held.remove(connection);
        }
    }

    private void release(final Socket connection) {
        held.remove(connection);
        try {
            connection.close();
        } catch (final IOException cause) {
            LOG.debug("a lifeline didn't close in order: {}", cause.getMessage());
        }
    }

    /** Lets go of all routers, which hear it at once. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (final IOException cause) {
            LOG.debug("the lifelines' listener didn't close in order: {}", cause.getMessage());
        }
        held.forEach(this::release);
    }
}
