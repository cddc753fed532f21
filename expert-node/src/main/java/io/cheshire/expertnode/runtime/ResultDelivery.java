package io.cheshire.expertnode.runtime;

import io.cheshire.expertnode.core.Batch;
import io.cheshire.expertnode.core.MicroQueues;
import io.cheshire.expertnode.core.QueuedShard;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings results to the routers. What a channel doesn't take at once waits in a buffer of that router's own ({@link
 * UnsentResults}), so that a compute slot is free as soon as its batch is computed, whatever its routers do: a router
 * that is stopped holds up nobody but itself. Where its buffer is full its shards are refused, and where it takes
 * nothing for {@code send-timeout} its link ends. The node's thread only; allocates nothing while channels take what
 * they are given.
 */
final class ResultDelivery {
    private final MicroQueues<RouterLink> queues;
    private final RouterLinks links;
    private final UnitCounters counters;
    private final int expertsPerLayer;
    private final int resultRowBytes;
    private final long maxUnsentBytes;
    private final long sendTimeoutNs;
    private final ResultHeader header = new ResultHeader();
    private final List<UnsentResults> waiting = new ArrayList<>();
    private final UnsentResults.HeaderNames names = this::fillNames;
    private final UnsentResults.Outcome outcome = new Delivered();

    /** @param maxUnsentBytes of results that wait for one router */
    ResultDelivery(
            final MicroQueues<RouterLink> queues,
            final RouterLinks links,
            final UnitCounters counters,
            final int expertsPerLayer,
            final int resultRowBytes,
            final long maxUnsentBytes,
            final long sendTimeoutNs) {
        this.queues = queues;
        this.links = links;
        this.counters = counters;
        this.expertsPerLayer = expertsPerLayer;
        this.resultRowBytes = resultRowBytes;
        this.maxUnsentBytes = maxUnsentBytes;
        this.sendTimeoutNs = sendTimeoutNs;
    }

    /** Sends what waited, and lets go of routers that take nothing. */
    int doWork(final long nowNs) {
        int work = 0;
        for (int i = waiting.size() - 1; i >= 0; i--) {
            final UnsentResults unsent = waiting.get(i);
            work += unsent.flush(header, names, outcome, nowNs);
            if (unsent.isStalled(nowNs, sendTimeoutNs)) {
                links.endStalled(unsent.link()); // which comes back as linkDown
                work++;
            }
        }
        return work;
    }

    /** Sends a computed batch, or has it wait; either way the slot is done with it. */
    int answer(final ComputeSlot slot, final long nowNs) {
        final Batch<RouterLink> batch = slot.batch;
        int rowsBefore = 0;
        for (int slice = 0; slice < batch.sliceCount(); slice++) {
            answerSlice(slot, slice, rowsBefore, nowNs);
            rowsBefore += batch.rowCount(slice);
        }
        counters.addCompute(batch.unitIndex(), slot.busyNs);
        return 1 + batch.sliceCount();
    }

    private void answerSlice(final ComputeSlot slot, final int slice, final int rowsBefore, final long nowNs) {
        final Batch<RouterLink> batch = slot.batch;
        final QueuedShard<RouterLink> shard = batch.shard(slice);
        final RouterLink link = shard.link();
        UnsentResults unsent = unsentOf(link);
        int remaining = batch.rowCount(slice);
        int sent = 0;
        while (remaining > 0) {
            if (shard.isAbandoned() || !link.isUp()) {
                queues.answered(shard, remaining);
                return;
            }
            final boolean waits = unsent != null && !unsent.isEmpty();
            fillNames(header, shard);
            header.firstRow = batch.firstRow(slice) + sent;
            header.rowCount = waits ? remaining : Math.min(remaining, link.resultRowsPerFrame());
            header.queueNs = slot.computeStartNs - shard.arrivedNs();
            header.computeNs = slot.computeNs;
            final int offset = (rowsBefore + sent) * resultRowBytes;
            if (!waits && link.sendResult(header, slot.results, offset) == SendOutcome.SENT) {
                sent += header.rowCount;
                remaining -= header.rowCount;
                outcome.onSent(shard, header.rowCount, header.queueNs);
                continue;
            }
            header.rowCount = remaining;
            unsent = unsent == null ? newUnsent(link) : unsent;
            if (!unsent.put(shard, header, slot.results, offset, nowNs)) {
                link.sendNack(shard.shardId(), shard.attempt(), NackReason.OVERLOADED);
                queues.fail(shard);
                queues.answered(shard, remaining);
            }
            return;
        }
    }

    private void fillNames(final ResultHeader target, final QueuedShard<RouterLink> shard) {
        target.shardId = shard.shardId();
        target.attempt = shard.attempt();
        target.layer = shard.unitIndex() / expertsPerLayer;
        target.expert = shard.unitIndex() % expertsPerLayer;
        target.shardRowCount = shard.rowCount();
    }

    private @Nullable UnsentResults unsentOf(final RouterLink link) {
        for (int i = 0; i < waiting.size(); i++) {
            if (waiting.get(i).link().linkId() == link.linkId()) {
                return waiting.get(i);
            }
        }
        return null;
    }

    private UnsentResults newUnsent(final RouterLink link) {
        final UnsentResults unsent = new UnsentResults(link, resultRowBytes, maxUnsentBytes);
        waiting.add(unsent);
        return unsent;
    }

    /** A link ended, and its shards are abandoned: what waits for it is dropped. */
    void linkDown(final RouterLink link, final long nowNs) {
        final UnsentResults unsent = unsentOf(link);
        if (unsent != null) {
            unsent.flush(header, names, outcome, nowNs);
            unsent.close();
            waiting.remove(unsent);
        }
    }

    /** Bytes that wait for all routers together. */
    long unsentBytes() {
        return waiting.stream().mapToLong(UnsentResults::bytes).sum();
    }

    void close() {
        waiting.forEach(UnsentResults::close);
        waiting.clear();
    }

    private final class Delivered implements UnsentResults.Outcome {
        @Override
        public void onSent(final QueuedShard<RouterLink> shard, final int rowCount, final long queueNs) {
            final int unitIndex = shard.unitIndex();
            counters.addRows(unitIndex, rowCount);
            if (queues.answered(shard, rowCount)) {
                counters.addShard(unitIndex, queueNs);
            }
        }

        @Override
        public void onDropped(final QueuedShard<RouterLink> shard, final int rowCount) {
            queues.answered(shard, rowCount);
        }
    }
}
