package io.cheshire.router.core.exchange;

import io.cheshire.router.core.exchange.PeerNode.Status;
import java.util.ArrayList;
import java.util.List;

/** Handles nodes that connect, become suspect, recover or are lost, and the attempts that they have open. */
final class NodeLifecycle {
    private final List<LaneExchange> lanes;
    private final OpenShards book;
    private final NodeView nodes;
    private final Latencies latencies;
    private final Dispatcher dispatcher;
    private final RetryPolicy retry;
    private final ExchangeCounters counters;
    /** Shards to work on: the book must not change while it is walked. */
    private final List<OpenShard> touched = new ArrayList<>();

    NodeLifecycle(
            final List<LaneExchange> lanes,
            final OpenShards book,
            final NodeView nodes,
            final Latencies latencies,
            final Dispatcher dispatcher,
            final RetryPolicy retry,
            final ExchangeCounters counters) {
        this.lanes = lanes;
        this.book = book;
        this.nodes = nodes;
        this.latencies = latencies;
        this.dispatcher = dispatcher;
        this.retry = retry;
        this.counters = counters;
    }

    /** The handshake is done: the node takes shards. One that was away proves itself on a trickle first. */
    void ready(final int nodeId, final long incarnation) {
        final PeerNode node = nodes.state(nodeId);
        node.incarnation = incarnation;
        closeAttemptsAt(nodeId);
        if (node.status != Status.CONNECTING) {
            latencies.onProbation(node);
        }
        nodes.status(node, Status.LIVE);
        lookNow();
    }

    /**
     * The node is suspect: its open shards go to other replicas too; new ones go to it only where no other can take
     * them.
     */
    void suspected(final int nodeId) {
        final PeerNode node = nodes.state(nodeId);
        if (node.status != Status.LIVE) {
            return;
        }
        nodes.status(node, Status.SUSPECT);
        counters.suspected();
        for (final OpenShard shard : book.all()) {
            for (int i = 0; i < shard.attemptCount; i++) {
                final Attempt attempt = shard.attempt(i);
                attempt.paused |= attempt.shard.nodeId == nodeId;
            }
        }
        lookNow();
    }

    /** A suspect is heard of again, and has answered what it was asked since. */
    void recovered(final int nodeId) {
        final PeerNode node = nodes.state(nodeId);
        if (node.status == Status.SUSPECT) {
            latencies.onProbation(node);
            nodes.status(node, Status.LIVE);
            lookNow();
        }
    }

    /**
     * The node was disconnected, or its connection refused: its open shards go to whoever holds their units, or wait
     * for that.
     */
    void lost(final int nodeId) {
        nodes.status(nodes.state(nodeId), Status.GONE);
        closeAttemptsAt(nodeId);
    }

    /**
     * The node's connection is gone, perhaps with its process. As {@link #lost(int)}, but what it had may be what ended
     * it: a shard with which several nodes were lost goes out row by row, and a row that is lost once more alone is
     * given up.
     */
    void lost(final int nodeId, final long incarnation) {
        nodes.status(nodes.state(nodeId), Status.GONE);
        for (final OpenShard shard : book.all()) {
            if (!shard.done && shard.isWith(nodeId)) {
                touched.add(shard);
            }
        }
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).lostWith(incarnation);
            accuse(touched.get(i), nodeId);
        }
        touched.clear();
        closeAttemptsAt(nodeId);
    }

    /** The node computes nothing any more and is about to leave, which its shards may have caused. */
    void deviceLost(final int nodeId) {
        lost(nodeId, nodes.state(nodeId).incarnation);
    }

    private void accuse(final OpenShard shard, final int nodeId) {
        if (shard.nodesLost >= retry.maxNodesLost()) {
            for (int at = shard.attemptCount - 1; at >= 0 && !shard.done; at--) {
                final Attempt attempt = shard.attempt(at);
                if (attempt.shard.nodeId == nodeId && attempt.shard.rowCount == 1) {
                    dispatcher.giveUpRow(shard, attempt);
                }
            }
        }
        if (!shard.alone && retry.sendsAlone(shard.nodesLost)) {
            shard.alone = true;
            counters.sentAlone();
        }
    }

    /** Lanes look for late shards without waiting for a deadline. */
    void lookNow() {
        for (int lane = 0; lane < lanes.size(); lane++) {
            lanes.get(lane).lookNow = true;
        }
    }

    private void closeAttemptsAt(final int nodeId) {
        for (final OpenShard shard : book.all()) {
            if (shard.isWith(nodeId)) {
                touched.add(shard);
            }
        }
        for (int i = 0; i < touched.size(); i++) {
            final OpenShard shard = touched.get(i);
            for (int at = shard.attemptCount - 1; at >= 0; at--) {
                if (shard.attempt(at).shard.nodeId == nodeId) {
                    book.closeOrReopen(shard, shard.attempt(at), AttemptEnd.UNHEARD);
                }
            }
        }
        touched.clear();
    }

    /** Gives up answers owed since before {@code sinceNs} that no lane waits for. */
    void writeOff(final long sinceNs) {
        for (final OpenShard shard : book.all()) {
            if (shard.done) {
                touched.add(shard);
            }
        }
        for (int i = 0; i < touched.size(); i++) {
            writeOff(touched.get(i), sinceNs);
        }
        touched.clear();
    }

    private void writeOff(final OpenShard shard, final long sinceNs) {
        for (int at = shard.attemptCount - 1; at >= 0; at--) {
            if (shard.attempt(at).sentNs - sinceNs < 0) {
                counters.answerLost();
                book.close(shard, shard.attempt(at), AttemptEnd.UNHEARD);
            }
        }
    }
}
