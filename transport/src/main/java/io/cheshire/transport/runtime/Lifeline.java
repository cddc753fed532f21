package io.cheshire.transport.runtime;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A router's TCP connection to a node that carries nothing and lives as long as the node's process: the kernel of a process
 * that dies closes it within milliseconds, however it died, where heartbeats can only grow overdue. So its cut says "suspect"
 * early; it never says more, since a connection can also be cut between two that live. A process that stands still or a host
 * that loses its power keeps it: those are the heartbeats' to find.
 *
 * <p>A virtual thread connects and waits; the engine's thread looks at {@link #isCut} in its duty cycle. What can't be
 * connected, or doesn't answer with the node's incarnation, is no lifeline and is never cut.
 */
final class Lifeline implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lifeline.class);

    private final NodeEndpoint node;
    private final int timeoutMs;
    private final Socket connection = new Socket();
    private volatile boolean held;
    private volatile boolean closed;
    private volatile boolean ended;

    private Lifeline(final NodeEndpoint node, final long timeoutNs) {
        this.node = node;
        this.timeoutMs = Math.toIntExact(Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNs)));
    }

    /**
     * Connects in the background.
     *
     * @param node      whose lifeline is named
     * @param timeoutNs for the connection, and for the node's greeting
     */
    static Lifeline to(final NodeEndpoint node, final long timeoutNs) {
        final Lifeline lifeline = new Lifeline(node, timeoutNs);
        Thread.ofVirtual().name("lifeline-to-node-" + node.nodeId()).start(lifeline::holdUntilItEnds);
        return lifeline;
    }

    private void holdUntilItEnds() {
        try (connection) {
            final InetSocketAddress address = Channels.address(node.lifeline());
            connection.connect(address, timeoutMs);
            connection.setKeepAlive(true);
            connection.setSoTimeout(timeoutMs);
            final long incarnation = new DataInputStream(connection.getInputStream()).readLong();
            if (incarnation != node.incarnation()) {
                LOG.warn("{} is no longer the lifeline of node {}, which goes by heartbeats", address, node.nodeId());
                return;
            }
            connection.setSoTimeout(0);
            held = true;
            connection.getInputStream().read();
        } catch (final IOException | RuntimeException cause) {
            if (!held && !closed) {
                LOG.warn(
                        "no lifeline to node {} at {}: {}; that its process died will show by its heartbeats only",
                        node.nodeId(),
                        node.lifeline(),
                        String.valueOf(cause)); // the end of a connection before its greeting has no message
            }
        } finally {
            ended = true;
        }
    }

    /** Whether the node's process answered; it stays so. */
    boolean isHeld() {
        return held;
    }

    /** Whether it was held and the other side, or something between, ended it. */
    boolean isCut() {
        return held && ended && !closed;
    }

    /** Whether nothing will come of it any more: not connected, cut, or closed. */
    boolean hasEnded() {
        return ended;
    }

    @Override
    public void close() {
        closed = true;
        try {
            connection.close();
        } catch (final IOException cause) {
            LOG.debug("a lifeline didn't close in order: {}", cause.getMessage());
        }
    }
}
