package io.cheshire.router.core.exchange;

import java.util.ArrayDeque;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All shards that somebody waits for or some node owes an answer to, and the account of what each node owes: rows are
 * charged to a node with an attempt's first frame and taken off once, with the attempt's end.
 */
final class OpenShards {
    private final Long2ObjectHashMap<OpenShard> shards = new Long2ObjectHashMap<>();
    private final ArrayDeque<OpenShard> shardPool = new ArrayDeque<>();
    private final ArrayDeque<Attempt> attemptPool = new ArrayDeque<>();
    private final List<LaneExchange> lanes;
    private final NodeView nodes;
    private final Latencies latencies;
    private final SplitPolicy split;
    private final ExchangeCounters counters;
    private long nextShardId;
    private int awaited;

    OpenShards(
            final List<LaneExchange> lanes,
            final NodeView nodes,
            final Latencies latencies,
            final SplitPolicy split,
            final ExchangeCounters counters) {
        this.lanes = lanes;
        this.nodes = nodes;
        this.latencies = latencies;
        this.split = split;
        this.counters = counters;
    }

    /** A new shard without rows, pending in its lane. */
    OpenShard open(final int lane, final long step, final int layer, final int expert) {
        final OpenShard pooled = shardPool.pollLast();
        final OpenShard shard = pooled != null ? pooled : new OpenShard();
        shard.begin(nextShardId++, lane, step, layer, expert);
        shards.put(shard.shardId, shard);
        awaited++;
        lanes.get(lane).add(shard);
        lanes.get(lane).addPending(shard);
        return shard;
    }

    @Nullable
    OpenShard get(final long shardId) {
        return shards.get(shardId);
    }

    /** Shards that lanes wait for. */
    int awaited() {
        return awaited;
    }

    /** All shards, those included that no lane waits for any more. */
    Iterable<OpenShard> all() {
        return shards.values();
    }

    LaneExchange laneOf(final OpenShard shard) {
        return lanes.get(shard.lane);
    }

    /** Prepares an attempt at the missing rows; {@link #charge} or {@link #discard} it. */
    Attempt prepare(final OpenShard shard, final PeerNode node) {
        final Attempt pooled = attemptPool.pollLast();
        final Attempt attempt = pooled != null ? pooled : new Attempt();
        attempt.begin(shard, laneOf(shard), node, nodes.epoch());
        return attempt;
    }

    /** Nothing of it went out. */
    void discard(final OpenShard shard, final Attempt attempt) {
        shard.nextAttempt--;
        attemptPool.addLast(attempt);
    }

    /** Its first frame went out. */
    void charge(final OpenShard shard, final Attempt attempt, final long nowNs) {
        final PeerNode node = nodes.state(attempt.shard.nodeId);
        shard.add(attempt);
        attempt.sentNs = nowNs;
        attempt.dueNs = nowNs + latencies.deadlineNs(node, attempt.shard.rowCount);
        attempt.expectedNs = latencies.expectedNs(node, attempt.shard.rowCount);
        attempt.costRows = split.costRows(attempt.shard.rowCount);
        node.openCostRows += attempt.costRows;
        attempt.queuedCostRows = node.openCostRows;
        node.openRows += attempt.shard.rowCount;
        counters.layers().asked(shard.layer, attempt.shard.rowCount);
        node.openWorkNs += attempt.expectedNs;
    }

    void markOverdue(final Attempt attempt) {
        attempt.overdue = true;
        nodes.state(attempt.shard.nodeId).overdue++;
    }

    /** The node owes nothing for this attempt any more. The shard may be forgotten by this. */
    void close(final OpenShard shard, final Attempt attempt, final AttemptEnd end) {
        final PeerNode node = nodes.state(attempt.shard.nodeId);
        node.openRows -= attempt.shard.rowCount;
        node.openCostRows -= attempt.costRows;
        node.openWorkNs = node.openRows == 0 ? 0 : node.openWorkNs - attempt.expectedNs;
        if (attempt.overdue) {
            node.overdue--;
        }
        final int unanswered = attempt.shard.rowCount - attempt.rowsAnswered;
        switch (end) {
            case HEARD -> counters.layers().refused(shard.layer, unanswered);
            case UNHEARD -> counters.layers().lost(shard.layer, unanswered);
        }
        laneOf(shard).sending.remove(attempt);
        shard.remove(attempt);
        attemptPool.addLast(attempt);
        if (shard.done && shard.attemptCount == 0) {
            forget(shard);
        }
    }

    /** As {@link #close}; a shard that a lane waits for and no node has any more becomes pending. */
    void closeOrReopen(final OpenShard shard, final Attempt attempt, final AttemptEnd end) {
        close(shard, attempt, end);
        if (!shard.done && shard.attemptCount == 0) {
            counters.retry();
            laneOf(shard).addPending(shard);
        }
    }

    /** The row that went out alone is answered; the next one may go. */
    void nextAlone(final OpenShard shard) {
        if (shard.alone && !shard.done && shard.attemptCount == 0) {
            laneOf(shard).addPending(shard);
        }
    }

    /** The lane waits for the shard no more; attempts still open stay on the account. */
    void finish(final OpenShard shard) {
        laneOf(shard).remove(shard);
        shard.done = true;
        awaited--;
        if (shard.attemptCount == 0) {
            forget(shard);
        }
    }

    /** Finishes all shards of a lane. */
    void finishAll(final LaneExchange lane) {
        for (int i = lane.shards.size() - 1; i >= 0; i--) {
            finish(lane.shards.get(i));
        }
        lane.clear();
    }

    private void forget(final OpenShard shard) {
        shards.remove(shard.shardId);
        shardPool.addLast(shard);
    }
}
