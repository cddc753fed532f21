package io.cheshire.router.core.exchange;

import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.SendOutcome;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Dispatch and combine of all lanes: groups a layer's rows by expert into shards, decides where and when each is sent,
 * and puts what comes back into the lane's results, each (row, choice) exactly once.
 *
 * <p>A shard is <em>pending</em> (to be sent: no credit, back-pressure, back-off, or no live node), <em>sent</em>, or
 * closed. Its node is chosen when it is sent, under the placement of that moment. Refused or orphaned by its node's end,
 * it becomes pending again with the next attempt number and the rows still missing; answers to earlier attempts are
 * dropped and counted. A lane with a pending shard that no live node can take is parked; other lanes go on. A shard that
 * nodes keep failing to compute is poisoned: its results become NaN and the lane's rows are reported by
 * {@link #rowPoisoned}, so that its requests fail and no others.
 *
 * <p>Pure but for the memory it moves and its counters. The engine thread's; allocates only until its pools have grown to
 * the load.
 */
public final class Exchange {
    private final int expertCount;
    private final int choices;
    private final int unitCount;
    private final int maxShardRows;
    private final long resultBytes;
    private final RetryPolicy retry;
    private final NodeView nodes = new NodeView();
    private final LaneExchange[] lanes;
    private final Long2ObjectHashMap<OpenShard> open = new Long2ObjectHashMap<>();
    private final ArrayDeque<OpenShard> pool = new ArrayDeque<>();
    private final @Nullable OpenShard[] current;
    private final ExchangeCounters counters;
    private long nextShardId;

    /**
     * @param results      per lane, {@code [maxRows, expertsPerToken, hidden]} fp32
     * @param maxShardRows rows of a shard at most
     */
    public Exchange(
            final ModelConfig model,
            final List<MemorySegment> results,
            final int maxRows,
            final int maxShardRows,
            final RetryPolicy retry) {
        expertCount = model.expertCount();
        choices = model.expertsPerToken();
        unitCount = model.unitCount();
        resultBytes = (long) model.hiddenSize() * Float.BYTES;
        this.maxShardRows = maxShardRows;
        this.retry = retry;
        lanes = new LaneExchange[results.size()];
        for (int lane = 0; lane < lanes.length; lane++) {
            lanes[lane] = new LaneExchange(results.get(lane), maxRows);
        }
        current = new OpenShard[expertCount];
        counters = new ExchangeCounters(model.layerCount());
    }

    /** One lane's layer in progress. */
    private static final class LaneExchange {
        final MemorySegment results;
        final boolean[] poisoned;
        final List<OpenShard> pending = new ArrayList<>();
        int layer;
        int rowCount;
        int missingResults;
        boolean parked;

        LaneExchange(final MemorySegment results, final int maxRows) {
            this.results = results;
            this.poisoned = new boolean[maxRows];
        }
    }

    public ExchangeCounters counters() {
        return counters;
    }

    /** Shards chosen from now on go by this placement; those sent stay where they are. */
    public void placement(final Placement placement) {
        nodes.placement(placement);
    }

    /** Epoch of the current placement, -1 before the first. */
    public long epoch() {
        return nodes.epoch();
    }

    /** The node takes shards. */
    public void nodeReady(final int nodeId) {
        if (nodes.isLive(nodeId)) {
            requeueShardsOf(nodeId);
        }
        nodes.ready(nodeId);
    }

    /** The node's connection is gone: its open shards go to whoever holds their units, or wait for that. */
    public void nodeLost(final int nodeId) {
        nodes.gone(nodeId);
        requeueShardsOf(nodeId);
    }

    /** The node is no longer part of the placement and was disconnected. */
    public void nodeRemoved(final int nodeId) {
        nodeLost(nodeId);
        nodes.forget(nodeId);
    }

    public boolean isLive(final int nodeId) {
        return nodes.isLive(nodeId);
    }

    /** Grows whenever {@link #everyUnitLive} may answer otherwise than before. */
    public long livenessVersion() {
        return nodes.version();
    }

    /** Whether every unit of the model has a live node. */
    public boolean everyUnitLive() {
        return nodes.everyUnitLive(unitCount);
    }

    /**
     * Makes the shards of a layer, in the order in which rows name their experts, rows ascending in each. The lane's previous layer must be
     * complete or abandoned.
     *
     * @param experts {@code [rowCount, expertsPerToken]}, the gate's choices
     */
    public void beginLayer(final int lane, final long step, final int layer, final int rowCount, final int[] experts) {
        final LaneExchange exchange = lanes[lane];
        if (exchange.missingResults != 0) {
            throw new IllegalStateException("lane " + lane + " has an open layer");
        }
        exchange.layer = layer;
        exchange.rowCount = rowCount;
        exchange.missingResults = Math.multiplyExact(rowCount, choices);
        for (int place = 0; place < exchange.missingResults; place++) {
            final int expert = experts[place];
            OpenShard shard = current[expert];
            if (shard == null || shard.shard.rowCount == maxShardRows) {
                shard = openShard(lane, step, layer, expert);
                current[expert] = shard;
            }
            shard.addRow(place / choices, place % choices);
        }
        Arrays.fill(current, null);
    }

    /**
     * Sends what can be sent of the lane's pending shards.
     *
     * @return shards that went out whole
     */
    public int pump(final int lane, final long nowNs, final ShardSender sender) {
        final LaneExchange exchange = lanes[lane];
        final List<OpenShard> pending = exchange.pending;
        boolean homeless = false;
        int sent = 0;
        int kept = 0;
        for (int i = 0; i < pending.size(); i++) { // splitting may append
            final OpenShard shard = pending.get(i);
            final Attempt attempt = attempt(shard, nowNs, sender);
            homeless |= attempt == Attempt.NO_NODE;
            if (attempt == Attempt.DONE) {
                shard.pending = false;
                sent++;
            } else {
                pending.set(kept++, shard);
            }
        }
        while (pending.size() > kept) {
            pending.removeLast();
        }
        if (homeless && !exchange.parked) {
            counters.parked();
        }
        exchange.parked = homeless;
        return sent;
    }

    private enum Attempt {
        DONE,
        LATER,
        NO_NODE
    }

    private Attempt attempt(final OpenShard open, final long nowNs, final ShardSender sender) {
        if (open.backingOff) {
            if (open.notBeforeNs - nowNs > 0) {
                return Attempt.LATER;
            }
            open.backingOff = false;
        }
        if (!open.begun) {
            final int nodeId = nodes.choose(open.shard.layer, open.shard.expert);
            if (nodeId == NodeView.NO_NODE) {
                return Attempt.NO_NODE;
            }
            open.shard.nodeId = nodeId;
            open.shard.epoch = nodes.epoch();
            if (!fitsCredit(open, sender.creditRows(nodeId))) {
                return Attempt.LATER;
            }
        }
        return offer(open, nowNs, sender);
    }

    /** A shard larger than all that an idle node takes is split; else it waits for credit. */
    private boolean fitsCredit(final OpenShard open, final int creditRows) {
        if (open.shard.rowCount <= creditRows) {
            return true;
        }
        if (creditRows < 1 || nodes.openRows(open.shard.nodeId) > 0) {
            return false;
        }
        final OpenShard rest = openShard(open.shard.lane, open.shard.step, open.shard.layer, open.shard.expert);
        for (int i = creditRows; i < open.shard.rowCount; i++) {
            rest.addRow(open.shard.rows[i], open.shard.choices[i]);
        }
        open.shard.rowCount = creditRows;
        return true;
    }

    private Attempt offer(final OpenShard open, final long nowNs, final ShardSender sender) {
        final SendOutcome outcome = sender.dispatch(open.shard);
        return switch (outcome) {
            case SENT -> {
                begin(open);
                counters.shardSent();
                yield Attempt.DONE;
            }
            case BACK_PRESSURED, ADMIN_ACTION -> {
                if (open.shard.rowsSent > 0) {
                    begin(open);
                }
                yield Attempt.LATER;
            }
            case NO_CREDIT -> Attempt.LATER;
            case NOT_CONNECTED, CLOSED -> { // the transport will say that the node is lost; until then don't hammer it
                backOff(open, nowNs);
                yield Attempt.LATER;
            }
            case TOO_LARGE -> {
                poison(open);
                yield Attempt.DONE;
            }
        };
    }

    private void begin(final OpenShard open) {
        if (!open.begun) {
            open.begun = true;
            nodes.addOpenRows(open.shard.nodeId, open.shard.rowCount);
        }
    }

    /** Result rows came in; see {@code ExpertTransport.Listener}. */
    public void onResult(
            final int nodeId,
            final long shardId,
            final int attempt,
            final int firstRow,
            final int rowCount,
            final MemorySegment rows) {
        final OpenShard shard = current(shardId, attempt);
        if (shard == null) {
            return;
        }
        final boolean fits = nodeId == shard.shard.nodeId
                && firstRow >= 0
                && rowCount >= 1
                && rowCount <= shard.shard.rowsSent - firstRow
                && rows.byteSize() >= rowCount * resultBytes;
        if (!fits) {
            counters.invalidResult();
            return;
        }
        final LaneExchange lane = lanes[shard.shard.lane];
        for (int i = 0; i < rowCount; i++) {
            if (!shard.arrive(firstRow + i)) {
                counters.duplicateRow();
                continue;
            }
            MemorySegment.copy(rows, i * resultBytes, lane.results, place(shard, firstRow + i), resultBytes);
            arrived(lane);
        }
        closeIfWhole(shard);
    }

    /** A shard wasn't computed. */
    public void onNack(
            final int nodeId, final long shardId, final int attempt, final NackReason reason, final long nowNs) {
        final OpenShard shard = current(shardId, attempt);
        if (shard == null) {
            return;
        }
        if (nodeId != shard.shard.nodeId || !shard.begun) {
            counters.invalidResult();
            return;
        }
        counters.nack();
        switch (reason) {
            case NOT_RESIDENT, DRAINING, OVERLOADED -> retryLater(shard, nowNs);
            case BAD_FRAME, COMPUTE_FAILED -> {
                if (++shard.computeFailures >= retry.maxComputeFailures()) {
                    lanes[shard.shard.lane].pending.remove(shard);
                    shard.pending = false;
                    poison(shard);
                } else {
                    retryLater(shard, nowNs);
                }
            }
            case WRONG_MODEL, WRONG_VERSION -> nodeLost(nodeId);
        }
    }

    /** Whether all results of the lane's layer are in. */
    public boolean layerComplete(final int lane) {
        return lanes[lane].missingResults == 0;
    }

    /** Whether nothing of the lane is left to send. */
    public boolean allSent(final int lane) {
        return lanes[lane].pending.isEmpty();
    }

    /** Whether the lane waits for a unit that no live node holds. */
    public boolean parked(final int lane) {
        return lanes[lane].parked;
    }

    /** The unit that a parked lane waits for, for people. */
    public String missingUnit(final int lane) {
        for (final OpenShard shard : lanes[lane].pending) {
            if (!shard.begun && nodes.choose(shard.shard.layer, shard.shard.expert) == NodeView.NO_NODE) {
                return "expert " + shard.shard.expert + " of layer " + shard.shard.layer;
            }
        }
        return "an expert";
    }

    /** Whether a result of the row was given up in some layer of this step. */
    public boolean rowPoisoned(final int lane, final int row) {
        return lanes[lane].poisoned[row];
    }

    /** A new step begins: its rows are unharmed. */
    public void beginStep(final int lane) {
        Arrays.fill(lanes[lane].poisoned, false);
    }

    /**
     * Whether the lane's layer may be given up now: not while a shard is partly in a channel, since its node would wait for
     * the rest for ever.
     */
    public boolean mayAbandon(final int lane) {
        for (final OpenShard shard : lanes[lane].pending) {
            if (shard.begun) {
                return false;
            }
        }
        return true;
    }

    /** Gives up the lane's layer: its shards are closed, and answers to them will be unknown. */
    public void abandon(final int lane) {
        final LaneExchange exchange = lanes[lane];
        if (exchange.missingResults == 0) {
            return;
        }
        counters.abandoned(exchange.rowCount);
        exchange.missingResults = 0;
        exchange.pending.clear();
        exchange.parked = false;
        final Long2ObjectHashMap<OpenShard>.ValueIterator shards = open.values().iterator();
        while (shards.hasNext()) {
            final OpenShard shard = shards.next();
            if (shard.shard.lane == lane) {
                shards.remove();
                settle(shard);
                pool.addLast(shard);
            }
        }
    }

    /** Whether a shard sent under a placement older than {@code epoch} is open. */
    public boolean hasOpenShardBefore(final long epoch) {
        for (final OpenShard shard : open.values()) {
            if (shard.begun && shard.shard.epoch < epoch) {
                return true;
            }
        }
        return false;
    }

    /** Shards open in all lanes. */
    public int openShards() {
        return open.size();
    }

    private OpenShard openShard(final int lane, final long step, final int layer, final int expert) {
        final OpenShard pooled = pool.pollLast();
        final OpenShard shard = pooled != null ? pooled : new OpenShard();
        shard.begin(nextShardId++, lane, step, layer, expert);
        open.put(shard.shard.shardId, shard);
        addPending(shard);
        return shard;
    }

    private void addPending(final OpenShard shard) {
        if (!shard.pending) {
            shard.pending = true;
            lanes[shard.shard.lane].pending.add(shard);
        }
    }

    private @Nullable OpenShard current(final long shardId, final int attempt) {
        final OpenShard shard = open.get(shardId);
        if (shard == null) {
            counters.unknownShard();
            return null;
        }
        if (attempt != shard.shard.attempt) {
            counters.lateResult();
            return null;
        }
        return shard;
    }

    private void requeueShardsOf(final int nodeId) {
        for (final OpenShard shard : open.values()) {
            if (shard.begun && shard.shard.nodeId == nodeId) {
                nextAttempt(shard);
            }
        }
    }

    private void retryLater(final OpenShard shard, final long nowNs) {
        nextAttempt(shard);
        backOff(shard, nowNs);
    }

    private void nextAttempt(final OpenShard shard) {
        settle(shard);
        shard.nextAttempt();
        counters.retry();
        addPending(shard);
    }

    private void backOff(final OpenShard shard, final long nowNs) {
        shard.refusals++;
        shard.notBeforeNs = nowNs + retry.backoffNs(shard.refusals);
        shard.backingOff = true;
    }

    private void poison(final OpenShard shard) {
        final LaneExchange lane = lanes[shard.shard.lane];
        int rows = 0;
        for (int i = 0; i < shard.shard.rowCount; i++) {
            if (shard.arrive(i)) {
                lane.results.asSlice(place(shard, i), resultBytes).fill((byte) 0xFF); // every float a NaN
                lane.poisoned[shard.shard.rows[i]] = true;
                arrived(lane);
                rows++;
            }
        }
        counters.poisoned(rows);
        closeIfWhole(shard);
    }

    private long place(final OpenShard shard, final int index) {
        return ((long) shard.shard.rows[index] * choices + shard.shard.choices[index]) * resultBytes;
    }

    private void arrived(final LaneExchange lane) {
        if (--lane.missingResults == 0) {
            counters.layerComputed(lane.layer, lane.rowCount);
        }
    }

    private void closeIfWhole(final OpenShard shard) {
        if (shard.rowsArrived == shard.shard.rowCount) {
            open.remove(shard.shard.shardId);
            settle(shard);
            if (!shard.pending) {
                pool.addLast(shard);
            }
        }
    }

    /** The node owes nothing for this attempt any more. */
    private void settle(final OpenShard shard) {
        if (shard.begun) {
            nodes.addOpenRows(shard.shard.nodeId, -shard.shard.rowCount);
        }
    }
}
