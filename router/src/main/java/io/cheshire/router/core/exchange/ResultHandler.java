package io.cheshire.router.core.exchange;

import io.cheshire.transport.protocol.NackReason;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Handles what nodes answer: puts results in their places, once each; sends refused shards again or gives them up. */
final class ResultHandler {
    private final OpenShards book;
    private final NodeView nodes;
    private final NodeLifecycle changes;
    private final Latencies latencies;
    private final Dispatcher dispatcher;
    private final RetryPolicy retry;
    private final ExchangeCounters counters;
    private final long resultBytes;

    ResultHandler(
            final OpenShards book,
            final NodeView nodes,
            final NodeLifecycle changes,
            final Latencies latencies,
            final Dispatcher dispatcher,
            final RetryPolicy retry,
            final ExchangeCounters counters,
            final long resultBytes) {
        this.book = book;
        this.nodes = nodes;
        this.changes = changes;
        this.latencies = latencies;
        this.dispatcher = dispatcher;
        this.retry = retry;
        this.counters = counters;
        this.resultBytes = resultBytes;
    }

    /** Result rows came in; see {@code ExpertTransport.Listener}. */
    void onResult(
            final int nodeId,
            final long shardId,
            final int attemptNumber,
            final int layer,
            final int firstRow,
            final int rowCount,
            final MemorySegment rows,
            final long nowNs) {
        if (rowCount < 1 || rows.byteSize() < rowCount * resultBytes) {
            counters.invalidResult();
            return;
        }
        final OpenShard shard = book.get(shardId);
        final Attempt attempt = shard == null ? null : shard.numbered(attemptNumber);
        if (shard == null || attempt == null) {
            countUnknown(shard);
            counters.resultRows(rowCount);
            counters.strayRows(layer, rowCount);
        } else if (nodeId != attempt.shard.nodeId
                || layer != attempt.shard.layer
                || firstRow < 0
                || rowCount > attempt.shard.rowsSent - firstRow) {
            counters.invalidResult();
        } else {
            counters.resultRows(rowCount);
            final int answeredBefore = attempt.rowsAnswered;
            combine(shard, attempt, firstRow, rowCount, rows);
            final int newlyAnswered = attempt.rowsAnswered - answeredBefore;
            answered(shard, attempt, nowNs);
            counters.layers().answered(layer, newlyAnswered);
        }
    }

    private void countUnknown(final @Nullable OpenShard shard) {
        if (shard == null) {
            counters.unknownShard();
        } else {
            counters.lateResult();
        }
    }

    private void combine(
            final OpenShard shard,
            final Attempt attempt,
            final int firstRow,
            final int rowCount,
            final MemorySegment rows) {
        final LaneExchange lane = book.laneOf(shard);
        int late = 0;
        for (int i = 0; i < rowCount; i++) {
            final int index = firstRow + i;
            if (!attempt.answer(index)) {
                counters.duplicateRow();
            } else if (shard.done
                    || !lane.arrive(attempt.shard.rows[index], attempt.shard.choices[index], rows, i * resultBytes)) {
                late++;
            } else {
                shard.rowsMissing--;
                shard.repeats = 0; // asking helps: what is missing needn't wait ever longer
            }
        }
        counters.lateRows(attempt.shard.layer, late);
    }

    private void answered(final OpenShard shard, final Attempt attempt, final long nowNs) {
        final boolean completed = !shard.done && shard.rowsMissing == 0;
        if (completed && attempt.hedge) {
            counters.hedgeWon();
        } else if (completed && shard.hedged) {
            counters.hedgeWasted();
        }
        final boolean whole = attempt.isAnswered();
        if (whole && !attempt.paused) {
            latencies.answered(nodes.state(attempt.shard.nodeId), attempt, nowNs - attempt.sentNs, nodes.all());
        }
        final LaneExchange lane = book.laneOf(shard);
        if (completed) {
            if (lane.missingResults == 0) {
                counters.layers().computed(lane.layer, lane.rowCount);
                counters.stragglers().last(attempt.shard.nodeId);
            }
            book.finish(shard);
        }
        if (whole) {
            book.close(shard, attempt, AttemptEnd.HEARD);
            book.nextAlone(shard);
        }
    }

    /** A shard wasn't computed. */
    void onNack(
            final int nodeId, final long shardId, final int attemptNumber, final NackReason reason, final long nowNs) {
        final OpenShard shard = book.get(shardId);
        final Attempt attempt = shard == null ? null : shard.numbered(attemptNumber);
        if (shard == null || attempt == null) {
            countUnknown(shard);
            return;
        }
        if (nodeId != attempt.shard.nodeId) {
            counters.invalidResult();
            return;
        }
        counters.nack();
        shard.refusedBy = nodeId;
        switch (reason) {
            case NOT_RESIDENT, DRAINING, OVERLOADED -> refused(shard, attempt, nowNs);
            case BAD_FRAME -> {
                shard.computeFailures++;
                refused(shard, attempt, nowNs);
            }
            case COMPUTE_FAILED -> {
                shard.failedAt(nodeId);
                refused(shard, attempt, nowNs);
            }
            case DEVICE_LOST -> changes.deviceLost(nodeId);
            case WRONG_MODEL, WRONG_VERSION -> changes.lost(nodeId);
        }
    }

    /** Goes out again after a while, unless another node has it or nobody can compute it. */
    private void refused(final OpenShard shard, final Attempt attempt, final long nowNs) {
        if (shard.done) {
            book.close(shard, attempt, AttemptEnd.HEARD);
            return;
        }
        book.closeOrReopen(shard, attempt, AttemptEnd.HEARD);
        if (shard.attemptCount == 0 && shard.computeFailures >= retry.maxComputeFailures()) {
            dispatcher.giveUp(shard);
            return;
        }
        dispatcher.backOff(shard, nowNs);
        book.laneOf(shard).lookNow = true;
    }
}
