package io.cheshire.transport.runtime.lifeline;

import io.cheshire.transport.core.link.Lifeline;
import io.cheshire.transport.protocol.Channels;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router's TCP connection to a node that carries nothing and lives as long as the node's process: the kernel of a
 * process that dies closes it within milliseconds, however it died, where heartbeats can only grow overdue. So its
 * cut says "suspect" early; it never says more, since a connection can also be cut between two that live. A process
 * that stands still or a host that loses its power keeps it: those are the heartbeats' to find.
 *
 * <p>A virtual thread connects, and says by a proof of the link that it is no stranger's. From then on the engine's
 * thread looks for the end itself ({@link #isCut}): another that waited for it would have to be scheduled first, which
 * on busy cores takes as long as the rest. What can't be connected, or doesn't answer with the node's incarnation, is
 * no lifeline and is never cut.
 */
public final class LifelineConnection implements Lifeline {
    private static final Logger LOG = LoggerFactory.getLogger(LifelineConnection.class);
    /** A look is a system call, a microsecond or so a node. */
    private static final long LOOK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final NodeEndpoint node;
    private final long proof;
    private final int timeoutMs;
    private final SocketChannel connection;
    private final ByteBuffer nothing = ByteBuffer.allocateDirect(1);
    private volatile boolean held;
    private volatile boolean closed;
    private volatile boolean ended;
    private long nextLookNs;

    private LifelineConnection(
            final NodeEndpoint node,
            final long proof,
            final long timeoutNs,
            final long observedNs,
            final SocketChannel connection) {
        this.node = node;
        this.proof = proof;
        this.timeoutMs = Math.toIntExact(Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNs)));
        this.nextLookNs = observedNs;
        this.connection = connection;
    }

    /**
     * Connects in the background.
     *
     * @param node       whose lifeline is named
     * @param proof      what the node expects of a router with this link
     * @param timeoutNs  for the connection, and for the node's greeting
     * @param observedNs the caller's clock
     * @throws IOException the process has no socket left
     */
    public static LifelineConnection to(
            final NodeEndpoint node, final long proof, final long timeoutNs, final long observedNs) throws IOException {
        final LifelineConnection lifeline =
                new LifelineConnection(node, proof, timeoutNs, observedNs, SocketChannel.open());
        Thread.ofVirtual().name("lifeline-to-node-" + node.nodeId()).start(lifeline::connect);
        return lifeline;
    }

    private void connect() {
        try {
            final InetSocketAddress address = addressOf(node.lifeline());
            connection.socket().connect(address, timeoutMs);
            connection.socket().setKeepAlive(true);
            connection.socket().setSoTimeout(timeoutMs);
            new DataOutputStream(connection.socket().getOutputStream()).writeLong(proof);
            final long incarnation = new DataInputStream(connection.socket().getInputStream()).readLong();
            if (incarnation == node.incarnation()) {
                connection.configureBlocking(false);
                held = true;
                return;
            }
            LOG.warn("{} is no longer the lifeline of node {}, which goes by heartbeats", address, node.nodeId());
        } catch (final IOException | RuntimeException cause) {
            if (!closed) {
                LOG.warn(
                        "no lifeline to node {} at {}: {}; that its process died will show by its heartbeats only",
                        node.nodeId(),
                        node.lifeline(),
                        String.valueOf(cause)); // the end of a connection before its greeting has no message
            }
        }
        end();
    }

    /** Looked up now. */
    private static InetSocketAddress addressOf(final String hostAndPort) {
        if (!Channels.isAddress(hostAndPort)) {
            throw new IllegalArgumentException("not host:port: " + hostAndPort);
        }
        final int colon = hostAndPort.lastIndexOf(':');
        return new InetSocketAddress(
                hostAndPort.substring(0, colon), Integer.parseInt(hostAndPort, colon + 1, hostAndPort.length(), 10));
    }

    /** Whether the node's process answered; it stays so. From any thread. */
    boolean isHeld() {
        return held;
    }

    /** Looks when the last look is a while ago. */
    @Override
    public boolean isCut(final long observedNs) {
        if (!held || closed) {
            return false;
        }
        if (!ended && observedNs - nextLookNs >= 0) {
            nextLookNs = observedNs + LOOK_INTERVAL_NS;
            if (hasEndedOtherwise()) {
                end();
            }
        }
        return ended;
    }

    private boolean hasEndedOtherwise() {
        try {
            return connection.read(nothing.clear()) != 0;
        } catch (final IOException reset) {
            return true;
        }
    }

    /** Whether nothing will come of it any more: not connected, found cut, or closed. From any thread. */
    boolean hasEnded() {
        return ended;
    }

    private void end() {
        try {
            connection.close();
        } catch (final IOException cause) {
            LOG.debug("a lifeline didn't close in order: {}", cause.getMessage());
        }
        ended = true;
    }

    @Override
    public void close() {
        closed = true;
        end();
    }
}
