package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps connections to the placement's nodes: connects, tries again, closes. The engine thread's. */
final class NodeLinks {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLinks.class);

    private final ExpertTransport transport;
    private final Exchange exchange;
    private final long reconnectNs;
    private final Map<Integer, NodeEndpoint> wanted = new HashMap<>();
    private final Map<Integer, NodeEndpoint> leaving = new HashMap<>();
    /** Of the placement's, those that no try can connect: said once each, and left alone. */
    private final Set<NodeEndpoint> impossible = new HashSet<>();

    private long nextAttemptNs;

    NodeLinks(final ExpertTransport transport, final Exchange exchange, final long reconnectNs) {
        this.transport = transport;
        this.exchange = exchange;
        this.reconnectNs = reconnectNs;
    }

    /** The nodes of a new placement. Those it no longer names stay connected until {@link #closeLeaving}. */
    void want(final List<NodeEndpoint> nodes, final long nowNs) {
        leaving.putAll(wanted);
        wanted.clear();
        impossible.retainAll(nodes);
        for (final NodeEndpoint endpoint : nodes) {
            wanted.put(endpoint.nodeId(), endpoint);
            leaving.remove(endpoint.nodeId());
            connect(endpoint);
        }
        nextAttemptNs = nowNs + reconnectNs;
    }

    /**
     * An endpoint is what a node said of itself: one that can't be must not cost the others theirs.
     *
     * @return whether it is on its way
     */
    private boolean connect(final NodeEndpoint endpoint) {
        if (impossible.contains(endpoint)) {
            return false;
        }
        try {
            transport.connect(endpoint);
            return true;
        } catch (final IllegalArgumentException cause) {
            impossible.add(endpoint);
            LOG.warn(
                    "expert node {} can't be connected: {}; its shards go to replicas, where there are any. Start it"
                            + " with another channel (cheshire.role.channel, --channel)",
                    endpoint.nodeId(),
                    cause.getMessage());
            transport.disconnect(endpoint.nodeId());
            exchange.nodeLost(endpoint.nodeId(), endpoint.incarnation());
            return false;
        }
    }

    /** No shard of an older placement is open any more. */
    void closeLeaving() {
        for (final int nodeId : leaving.keySet()) {
            transport.disconnect(nodeId);
            exchange.nodeRemoved(nodeId);
        }
        leaving.clear();
    }

    /** Tries nodes that aren't connected, now and then. */
    int reconnect(final long nowNs) {
        if (nowNs - nextAttemptNs < 0) {
            return 0;
        }
        nextAttemptNs = nowNs + reconnectNs;
        int attempts = 0;
        for (final NodeEndpoint endpoint : wanted.values()) {
            if (!exchange.isConnected(endpoint.nodeId()) && connect(endpoint)) {
                attempts++;
            }
        }
        return attempts;
    }

    void ready(final int nodeId, final long incarnation) {
        LOG.info("expert node {} is connected", nodeId);
        exchange.nodeReady(nodeId, incarnation);
    }

    void suspected(final int nodeId, final String reason) {
        LOG.warn("expert node {} {}; its open shards go to replicas, where there are any", nodeId, reason);
        exchange.nodeSuspected(nodeId);
    }

    void recovered(final int nodeId) {
        LOG.info("expert node {} answers again", nodeId);
        exchange.nodeRecovered(nodeId);
    }

    void lost(final int nodeId, final long incarnation, final String reason) {
        LOG.warn("expert node {} is gone: {}; its open shards go elsewhere or wait", nodeId, reason);
        exchange.nodeLost(nodeId, incarnation);
    }
}
