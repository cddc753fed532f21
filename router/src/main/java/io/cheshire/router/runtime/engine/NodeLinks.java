package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        for (final NodeEndpoint endpoint : nodes) {
            wanted.put(endpoint.nodeId(), endpoint);
            leaving.remove(endpoint.nodeId());
            transport.connect(endpoint);
        }
        nextAttemptNs = nowNs + reconnectNs;
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
            if (!exchange.isConnected(endpoint.nodeId())) {
                transport.connect(endpoint);
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
