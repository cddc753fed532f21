package io.cheshire.transport.runtime.lifeline;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lifelines by Java's own sockets, for systems where a thread can't have files of its own ({@link ThreadLifelines}):
 * they end with the process, when its memory is gone. Virtual threads: one that accepts and one a connection.
 */
final class SocketLifelines implements LifelineServer {
    private static final Logger LOG = LoggerFactory.getLogger(LifelineServer.class);
    private static final int BACKLOG = 128;
    private static final long ACCEPT_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ServerSocket server;
    private final NodeEndpoint endpoint;
    private final int maxConnections;
    private final LifelineProofs proofs;
    /** In order of arrival. */
    private final Queue<Connection> held = new ConcurrentLinkedQueue<>();

    private final AtomicInteger greeted = new AtomicInteger();

    private SocketLifelines(final ServerSocket server, final NodeEndpoint endpoint, final int maxConnections) {
        this.server = server;
        this.endpoint = endpoint;
        this.maxConnections = maxConnections;
        this.proofs = new LifelineProofs(maxConnections);
    }

    /** One that may prove to be a router's. */
    private static final class Connection {
        private final Socket socket;
        private volatile boolean proved;

        private Connection(final Socket socket) {
            this.socket = socket;
        }
    }

    /**
     * @param address with port 0 for any free one
     * @throws IOException the address isn't one of this host, or its port is taken
     */
    static SocketLifelines open(
            final NodeEndpoint node, final String host, final InetSocketAddress address, final int maxConnections)
            throws IOException {
        final ServerSocket server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(address, Math.max(maxConnections, BACKLOG));
        } catch (final IOException cause) {
            server.close();
            throw cause;
        }
        final SocketLifelines opened =
                new SocketLifelines(server, node.withLifeline(host + ":" + server.getLocalPort()), maxConnections);
        Thread.ofVirtual().name("lifelines-of-node-" + node.nodeId()).start(opened::accept);
        return opened;
    }

    @Override
    public NodeEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public void allow(final long proof) {
        proofs.allow(proof);
    }

    @Override
    public void revoke(final long proof) {
        proofs.revoke(proof);
    }

    @Override
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

    private void hold(final Socket socket) {
        if (held.size() >= maxConnections && !releaseOldestStranger()) {
            LOG.warn(
                    "node {} holds {} lifelines (twice cheshire.transport.max-routers) and refuses one from {}",
                    endpoint.nodeId(),
                    maxConnections,
                    socket.getRemoteSocketAddress());
            release(new Connection(socket));
            return;
        }
        final Connection connection = new Connection(socket);
        held.add(connection);
        Thread.ofVirtual().name("lifeline-of-node-" + endpoint.nodeId()).start(() -> holdUntilItEnds(connection));
        if (server.isClosed()) {
            release(connection);
        }
    }

    private boolean releaseOldestStranger() {
        for (final Connection connection : held) {
            if (!connection.proved) {
                release(connection);
                return true;
            }
        }
        return false;
    }

    private void holdUntilItEnds(final Connection connection) {
        try (Socket socket = connection.socket) {
            socket.setKeepAlive(true);
            if (!proofs.contains(new DataInputStream(socket.getInputStream()).readLong())) {
                return;
            }
            connection.proved = true;
            new DataOutputStream(socket.getOutputStream()).writeLong(endpoint.incarnation());
            greeted.incrementAndGet();
            try {
                final int ignored = socket.getInputStream().read();
            } finally {
                greeted.decrementAndGet();
            }
        } catch (final IOException ended) {
            LOG.debug("a router's lifeline ended: {}", ended.getMessage());
        } finally {
            held.remove(connection);
        }
    }

    private void release(final Connection connection) {
        held.remove(connection);
        try {
            connection.socket.close();
        } catch (final IOException cause) {
            LOG.debug("a lifeline didn't close in order: {}", cause.getMessage());
        }
    }

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
