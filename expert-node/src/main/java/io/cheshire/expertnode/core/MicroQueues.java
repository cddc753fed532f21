package io.cheshire.expertnode.core;

import io.cheshire.transport.core.RouterCredit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.agrona.collections.IntArrayList;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The shards of a node: put together from frames, queued by unit, taken in batches, forgotten when answered.
 *
 * <p>Policy: the unit whose oldest complete shard has waited longest goes first, and takes with it everything that is
 * queued for it, in order of arrival, up to the batch limit. Oldest first, because a lane goes on only when its last
 * shard is back: taking the unit with most rows would starve the others. All rows in here are bounded by the credits of
 * the routers; what goes beyond is refused. One thread; no clock; allocates nothing once the pools have grown.
 *
 * @param <L> the connections that shards come from
 */
public final class MicroQueues<L> {
    private final List<ArrayDeque<QueuedShard<L>>> queues;
    /** Units with a queued shard. */
    private final IntArrayList activeUnits = new IntArrayList();

    private final boolean[] resident;
    private final List<QueuedShard<L>> partials = new ArrayList<>();
    private final ArrayDeque<QueuedShard<L>> pool = new ArrayDeque<>();
    private final Long2ObjectHashMap<RecentShards> recentByLink = new Long2ObjectHashMap<>();
    private final List<QueuedShard<L>> inWork = new ArrayList<>();
    private final SlotStack slots = new SlotStack();
    private final int recentShards;
    private boolean draining;
    private @Nullable QueuedShard<L> admitted;
    private long duplicateFrames;

    /**
     * @param unitCount    units of the model
     * @param recentShards shards of one connection that are remembered to know duplicates by
     */
    public MicroQueues(final int unitCount, final int recentShards) {
        this.resident = new boolean[unitCount];
        this.recentShards = recentShards;
        this.queues = new ArrayList<>(unitCount);
        for (int i = 0; i < unitCount; i++) {
            queues.add(new ArrayDeque<>());
        }
    }

    /** Judges a frame; when {@link ShardAdmission#ACCEPTED}, {@link #admitted()} has places for its rows. */
    public ShardAdmission admit(
            final L link,
            final long linkId,
            final RouterCredit credit,
            final long shardId,
            final int attempt,
            final int unitIndex,
            final int firstRow,
            final int rowCount,
            final int shardRowCount,
            final long nowNs) {
        final QueuedShard<L> partial = partialOf(linkId, shardId, attempt);
        if (partial == null) {
            return admitFirst(
                    link, linkId, credit, shardId, attempt, unitIndex, firstRow, rowCount, shardRowCount, nowNs);
        }
        if (partial.rowCount != shardRowCount || partial.unitIndex != unitIndex) {
            partials.remove(partial);
            recycle(partial);
            return ShardAdmission.CONTRADICTION;
        }
        for (int row = firstRow; row < firstRow + rowCount; row++) {
            if (partial.rowSlots[row] != QueuedShard.NO_SLOT) {
                duplicateFrames++;
                return ShardAdmission.DUPLICATE;
            }
        }
        return addRows(partial, firstRow, rowCount, nowNs);
    }

    private ShardAdmission admitFirst(
            final L link,
            final long linkId,
            final RouterCredit credit,
            final long shardId,
            final int attempt,
            final int unitIndex,
            final int firstRow,
            final int rowCount,
            final int shardRowCount,
            final long nowNs) {
        RecentShards recent = recentByLink.get(linkId);
        if (recent == null) {
            recent = new RecentShards(recentShards);
            recentByLink.put(linkId, recent);
        }
        if (recent.has(shardId, attempt)) {
            duplicateFrames++;
            return ShardAdmission.DUPLICATE;
        }
        recent.add(shardId, attempt);
        if (!resident[unitIndex]) {
            return ShardAdmission.NOT_RESIDENT;
        }
        if (draining) {
            return ShardAdmission.DRAINING;
        }
        if (!credit.hold(shardRowCount)) {
            return ShardAdmission.OVERLOADED;
        }
        final QueuedShard<L> shard = pool.isEmpty() ? new QueuedShard<>() : pool.pop();
        shard.start(link, credit, linkId, shardId, attempt, unitIndex, shardRowCount, nowNs);
        partials.add(shard);
        return addRows(shard, firstRow, rowCount, nowNs);
    }

    private ShardAdmission addRows(
            final QueuedShard<L> shard, final int firstRow, final int rowCount, final long nowNs) {
        for (int row = firstRow; row < firstRow + rowCount; row++) {
            shard.rowSlots[row] = slots.take();
        }
        shard.receivedRows += rowCount;
        shard.lastFrameNs = nowNs;
        admitted = shard;
        if (shard.receivedRows == shard.rowCount) {
            partials.remove(shard);
            enqueue(shard);
        }
        return ShardAdmission.ACCEPTED;
    }

    private void enqueue(final QueuedShard<L> shard) {
        final ArrayDeque<QueuedShard<L>> queue = queues.get(shard.unitIndex);
        if (queue.isEmpty()) {
            activeUnits.addInt(shard.unitIndex);
        }
        queue.add(shard);
    }

    /** The shard of the frame that was accepted last. */
    public QueuedShard<L> admitted() {
        if (admitted == null) {
            throw new IllegalStateException("no frame was accepted");
        }
        return admitted;
    }

    private @Nullable QueuedShard<L> partialOf(final long linkId, final long shardId, final int attempt) {
        for (int i = partials.size() - 1; i >= 0; i--) {
            if (partials.get(i).is(linkId, shardId, attempt)) {
                return partials.get(i);
            }
        }
        return null;
    }

    /** Fills the batch with up to {@code maxRows} rows of one unit; false when nothing is queued. */
    public boolean take(final Batch<L> batch, final int maxRows) {
        if (activeUnits.isEmpty()) {
            return false;
        }
        final int unitIndex = oldestUnit();
        final ArrayDeque<QueuedShard<L>> queue = queues.get(unitIndex);
        batch.start(unitIndex);
        while (!queue.isEmpty() && batch.totalRows() < maxRows) {
            final QueuedShard<L> shard = queue.peek();
            final int rowCount = Math.min(shard.rowCount - shard.takenRows, maxRows - batch.totalRows());
            if (shard.takenRows == 0) {
                inWork.add(shard);
            }
            batch.add(shard, shard.takenRows, rowCount);
            shard.takenRows += rowCount;
            if (shard.takenRows == shard.rowCount) {
                queue.remove();
            }
        }
        if (queue.isEmpty()) {
            activeUnits.removeInt(unitIndex);
        }
        return true;
    }

    private int oldestUnit() {
        int oldest = activeUnits.getInt(0);
        for (int i = 1; i < activeUnits.size(); i++) {
            final int unit = activeUnits.getInt(i);
            if (arrivalOf(unit) - arrivalOf(oldest) < 0) {
                oldest = unit;
            }
        }
        return oldest;
    }

    private long arrivalOf(final int unitIndex) {
        return queues.get(unitIndex).element().arrivedNs;
    }

    /**
     * Rows were answered, or nobody waits for them; true when it was the shard's last. Their credit is the channel's.
     */
    public boolean answered(final QueuedShard<L> shard, final int rowCount) {
        shard.answeredRows += rowCount;
        return finishIfDone(shard);
    }

    private boolean finishIfDone(final QueuedShard<L> shard) {
        if (shard.answeredRows < shard.rowCount) {
            return false;
        }
        inWork.remove(shard);
        freeSlots(shard);
        pool.push(shard);
        return true;
    }

    /**
     * Gives up a shard in work: releases its credit for what isn't answered and takes out what is queued. What of it is
     * in batches must still be reported by {@link #answered}.
     */
    public void fail(final QueuedShard<L> shard) {
        if (shard.abandoned) {
            return;
        }
        shard.abandoned = true;
        shard.credit().release(shard.rowCount - shard.answeredRows);
        final int untaken = shard.rowCount - shard.takenRows;
        if (untaken > 0) {
            removeQueued(shard);
            shard.takenRows = shard.rowCount;
            shard.answeredRows += untaken;
            finishIfDone(shard);
        }
    }

    private void removeQueued(final QueuedShard<L> shard) {
        final ArrayDeque<QueuedShard<L>> queue = queues.get(shard.unitIndex);
        queue.remove(shard);
        if (queue.isEmpty()) {
            activeUnits.removeInt(shard.unitIndex);
        }
    }

    /** A connection ended: its shards are dropped. Those in work stay, abandoned, until {@link #answered}. */
    public void dropLink(final long linkId) {
        recentByLink.remove(linkId);
        for (int i = partials.size() - 1; i >= 0; i--) {
            final QueuedShard<L> partial = partials.get(i);
            if (partial.linkId == linkId) {
                partials.remove(i);
                recycle(partial);
            }
        }
        for (int i = inWork.size() - 1; i >= 0; i--) {
            if (inWork.get(i).linkId == linkId) {
                fail(inWork.get(i));
            }
        }
        for (int i = activeUnits.size() - 1; i >= 0; i--) {
            dropQueued(activeUnits.getInt(i), linkId);
        }
    }

    private void dropQueued(final int unitIndex, final long linkId) {
        final ArrayDeque<QueuedShard<L>> queue = queues.get(unitIndex);
        for (final Iterator<QueuedShard<L>> each = queue.iterator(); each.hasNext(); ) {
            final QueuedShard<L> shard = each.next();
            if (shard.linkId == linkId) {
                each.remove();
                recycle(shard);
            }
        }
        if (queue.isEmpty()) {
            activeUnits.removeInt(unitIndex);
        }
    }

    /** Says which shard was given up. */
    @FunctionalInterface
    public interface GivenUp<L> {
        void onGivenUp(L link, long shardId, int attempt);
    }

    /** Gives up shards of which a frame is missing since before {@code sinceNs}. */
    public int expirePartials(final long sinceNs, final GivenUp<L> givenUp) {
        int count = 0;
        for (int i = partials.size() - 1; i >= 0; i--) {
            final QueuedShard<L> partial = partials.get(i);
            if (partial.lastFrameNs - sinceNs < 0) {
                partials.remove(i);
                givenUp.onGivenUp(partial.link(), partial.shardId, partial.attempt);
                recycle(partial);
                count++;
            }
        }
        return count;
    }

    /** From now on the unit is served. */
    public void addUnit(final int unitIndex) {
        resident[unitIndex] = true;
    }

    /** From now on the unit isn't served; what no kernel call has taken yet is given up. */
    public void removeUnit(final int unitIndex, final GivenUp<L> givenUp) {
        resident[unitIndex] = false;
        for (int i = partials.size() - 1; i >= 0; i--) {
            final QueuedShard<L> partial = partials.get(i);
            if (partial.unitIndex == unitIndex) {
                partials.remove(i);
                givenUp.onGivenUp(partial.link(), partial.shardId, partial.attempt);
                recycle(partial);
            }
        }
        final ArrayDeque<QueuedShard<L>> queue = queues.get(unitIndex);
        while (!queue.isEmpty()) {
            final QueuedShard<L> shard = queue.element();
            givenUp.onGivenUp(shard.link(), shard.shardId, shard.attempt);
            if (shard.takenRows == 0) {
                queue.remove();
                recycle(shard);
            } else {
                fail(shard);
            }
        }
        activeUnits.removeInt(unitIndex);
    }

    public boolean isResident(final int unitIndex) {
        return resident[unitIndex];
    }

    /** New shards are refused from now on. */
    public void drain() {
        draining = true;
    }

    /** Whether no shard is here, in whatever state. */
    public boolean isEmpty() {
        return partials.isEmpty() && activeUnits.isEmpty() && inWork.isEmpty();
    }

    /** Rows in the row store. */
    public int rowsHeld() {
        return slots.inUse();
    }

    /** Frames dropped because they had come before. */
    public long duplicateFrames() {
        return duplicateFrames;
    }

    /** A shard of which nothing is in work goes back to the pool. */
    private void recycle(final QueuedShard<L> shard) {
        shard.credit().release(shard.rowCount - shard.answeredRows);
        freeSlots(shard);
        pool.push(shard);
    }

    private void freeSlots(final QueuedShard<L> shard) {
        for (int row = 0; row < shard.rowCount; row++) {
            if (shard.rowSlots[row] != QueuedShard.NO_SLOT) {
                slots.put(shard.rowSlots[row]);
            }
        }
    }
}
