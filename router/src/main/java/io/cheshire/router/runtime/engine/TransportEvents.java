package io.cheshire.router.runtime.engine;

import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.protocol.NackReason;
import java.lang.foreign.MemorySegment;

/**
 * What the transport says: answers to the exchange, at the time that this router observes; nodes' lives to the links.
 * The engine thread's.
 */
final class TransportEvents implements ExpertTransport.Listener {
    private final Exchange exchange;
    private final NodeLinks links;
    private final ObservedClock observed;

    TransportEvents(final Exchange exchange, final NodeLinks links, final ObservedClock observed) {
        this.exchange = exchange;
        this.links = links;
        this.observed = observed;
    }

    @Override
    public void onResult(
            final int nodeId,
            final long shardId,
            final int attempt,
            final int layer,
            final int firstRow,
            final int rowCount,
            final MemorySegment rows,
            final long queueNs,
            final long computeNs) {
        exchange.onResult(nodeId, shardId, attempt, layer, firstRow, rowCount, rows, observed.nowNs());
    }

    @Override
    public void onNack(final int nodeId, final long shardId, final int attempt, final NackReason reason) {
        exchange.onNack(nodeId, shardId, attempt, reason, observed.nowNs());
    }

    @Override
    public void onNodeReady(final int nodeId, final long incarnation) {
        links.ready(nodeId, incarnation);
    }

    @Override
    public void onNodeSuspected(final int nodeId, final String reason) {
        links.suspected(nodeId, reason);
    }

    @Override
    public void onNodeRecovered(final int nodeId) {
        links.recovered(nodeId);
    }

    @Override
    public void onNodeLost(final int nodeId, final long incarnation, final String reason) {
        links.lost(nodeId, incarnation, reason);
    }
}
