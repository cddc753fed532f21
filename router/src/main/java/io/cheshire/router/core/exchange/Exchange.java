package io.cheshire.router.core.exchange;

import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.router.core.exchange.PeerNode.Status;
import io.cheshire.transport.protocol.NackReason;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Dispatch and combine of all lanes: groups a layer's rows by expert into shards, decides where and when each is sent,
 * and puts what comes back into the lane's results, each (row, choice) exactly once.
 *
 * <p>A shard is <em>pending</em> (no node has it: no credit, back-pressure, back-off, or no connected node),
 * <em>open</em> (one or more nodes have it, each by an attempt of its own), or done. A node is chosen when an attempt
 * is made, under the placement of that moment. An attempt that is late, or whose node is suspect, stays open while a
 * further one goes to another replica: the first answer counts, row by row, since every replica gives the same bits;
 * later ones are dropped and counted. Refused by all or orphaned, a shard becomes pending again with the rows still
 * missing. A lane with a pending shard that no connected node can take is parked; other lanes go on. A shard that nodes
 * keep failing to compute is poisoned: its results become NaN and the lane's rows are reported by {@link #rowPoisoned},
 * so that its requests fail and no others. So does a row with which node after node is lost ({@link
 * RetryPolicy#maxNodesLost}).
 *
 * <p>Pure but for the memory it moves and its counters. Times are those in which this router was able to listen;
 * compared by difference only. The engine thread's; allocates only until its pools have grown to the load.
 */
public final class Exchange {
    private final int choices;
    private final int unitCount;
    private final int maxShardRows;
    private final FailoverPolicy policy;
    private final ExchangeCounters counters;
    private final List<LaneExchange> lanes = new ArrayList<>();
    private final NodeView nodes = new NodeView();
    private final Latencies latencies;
    private final OpenShards book;
    private final Dispatcher dispatcher;
    private final NodeLifecycle changes;
    private final ResultHandler answers;
    private final RowSplit split;
    private final @Nullable OpenShard[] current;
    private long nextSweepNs;
    private boolean sweeping;

    /**
     * @param results      per lane, {@code [maxRows, expertsPerToken, hidden]} fp32
     * @param maxShardRows rows of a shard at most
     */
    public Exchange(
            final ModelConfig model,
            final List<MemorySegment> results,
            final int maxRows,
            final int maxShardRows,
            final FailoverPolicy policy,
            final SplitPolicy splitPolicy) {
        choices = model.expertsPerToken();
        unitCount = model.unitCount();
        final long resultBytes = (long) model.hiddenSize() * Float.BYTES;
        this.maxShardRows = maxShardRows;
        this.policy = policy;
        for (final MemorySegment lane : results) {
            lanes.add(new LaneExchange(lane, maxRows, choices, resultBytes));
        }
        current = new OpenShard[model.expertCount()];
        counters = new ExchangeCounters(model.layerCount());
        latencies = new Latencies(policy.hedge(), policy.gray());
        book = new OpenShards(lanes, nodes, latencies, splitPolicy, counters);
        split = new RowSplit(nodes, splitPolicy, policy.gray().trickle(), model.expertCount());
        dispatcher = new Dispatcher(book, nodes, new NodeChoice(nodes, latencies, policy.gray()), policy, counters);
        changes = new NodeLifecycle(lanes, book, nodes, latencies, dispatcher, policy.retry(), counters);
        answers = new ResultHandler(book, nodes, changes, latencies, dispatcher, policy.retry(), counters, resultBytes);
    }

    public ExchangeCounters counters() {
        return counters;
    }

    // ---- nodes ----

    /** Shards chosen from now on go by this placement; those sent stay where they are. */
    public void placement(final Placement placement) {
        nodes.placement(placement);
        changes.lookNow();
    }

    /** Epoch of the current placement, -1 before the first. */
    public long epoch() {
        return nodes.epoch();
    }

    /**
     * The handshake is done: the node takes shards. One that was away proves itself on a trickle first.
     *
     * @param incarnation which start of the node
     */
    public void nodeReady(final int nodeId, final long incarnation) {
        changes.ready(nodeId, incarnation);
    }

    /**
     * The node is suspect: its open shards go to other replicas too; new ones go to it only where no other can take
     * them.
     */
    public void nodeSuspected(final int nodeId) {
        changes.suspected(nodeId);
    }

    /** A suspect is heard of again, and has answered what it was asked since. */
    public void nodeRecovered(final int nodeId) {
        changes.recovered(nodeId);
    }

    /**
     * The node's connection is gone: its open shards go to whoever holds their units, or wait for that.
     *
     * @param incarnation which start of the node
     */
    public void nodeLost(final int nodeId, final long incarnation) {
        changes.lost(nodeId, incarnation);
    }

    /** The node is no longer part of the placement and was disconnected. */
    public void nodeRemoved(final int nodeId) {
        changes.lost(nodeId);
        nodes.forget(nodeId);
    }

    public boolean isConnected(final int nodeId) {
        return nodes.state(nodeId).isConnected();
    }

    /** Grows whenever {@link #everyUnitConnected} or {@link #unansweredUnits} may answer otherwise than before. */
    public long livenessVersion() {
        return nodes.version();
    }

    /** Whether every unit of the model has a connected node. */
    public boolean everyUnitConnected() {
        return nodes.everyUnitConnected(unitCount);
    }

    /** Units whose nodes are all lost or suspect. */
    public List<ExpertKey> unansweredUnits() {
        return nodes.unanswered();
    }

    /** Every node known, by number. */
    public List<NodeHealth> nodeHealth() {
        return nodes.all().stream()
                .map(node -> new NodeHealth(
                        node.nodeId,
                        node.isConnected(),
                        node.status == Status.SUSPECT,
                        node.slow,
                        node.openRows,
                        node.overdue,
                        latencies.deadlineNs(node, 1),
                        node.slowness))
                .sorted(Comparator.comparingInt(NodeHealth::nodeId))
                .toList();
    }

    // ---- lanes ----

    /** A new step begins: its rows are unharmed. */
    public void beginStep(final int lane) {
        Arrays.fill(lanes.get(lane).poisoned, false);
    }

    /**
     * Makes the shards of a layer, in the order in which rows name their experts, rows ascending in each: a unit's rows
     * whole, or in one part for each replica that is to share them. The lane's previous layer must be complete or
     * abandoned.
     *
     * @param experts {@code [rowCount, expertsPerToken]}, the gate's choices
     */
    public void beginLayer(final int lane, final long step, final int layer, final int rowCount, final int[] experts) {
        final LaneExchange exchange = lanes.get(lane);
        if (exchange.missingResults != 0) {
            throw new IllegalStateException("lane " + lane + " has an open layer");
        }
        exchange.beginLayer(layer, rowCount);
        counters.split(split.plan(layer, exchange.missingResults, experts));
        for (int place = 0; place < exchange.missingResults; place++) {
            shardFor(lane, step, layer, experts[place]).addRow(place / choices, place % choices);
        }
        Arrays.fill(current, null);
    }

    /** The shard that the expert's next row joins. */
    private OpenShard shardFor(final int lane, final long step, final int layer, final int expert) {
        final OpenShard filling = current[expert];
        final boolean goesOn = filling != null && filling.rowCount < maxShardRows && !split.partEnds(expert);
        final int node = split.take(expert);
        if (goesOn) {
            return filling;
        }
        final OpenShard shard = book.open(lane, step, layer, expert);
        shard.preferredNode = node;
        current[expert] = shard;
        return shard;
    }

    /**
     * Sends what can be sent of the lane's pending shards, and late ones to a further replica.
     *
     * @return shards that went out
     */
    public int pump(final int lane, final long nowNs, final ShardSender sender) {
        return dispatcher.pump(lanes.get(lane), nowNs, sender);
    }

    /** Gives up answers that never came, now and then. */
    public void tend(final long nowNs) {
        if (sweeping && nowNs - nextSweepNs < 0) {
            return;
        }
        sweeping = true;
        nextSweepNs = nowNs + policy.hedge().answerTimeoutNs() / 2;
        changes.writeOff(nowNs - policy.hedge().answerTimeoutNs());
    }

    // ---- answers ----

    /** Result rows came in; see {@code ExpertTransport.Listener}. */
    public void onResult(
            final int nodeId,
            final long shardId,
            final int attempt,
            final int layer,
            final int firstRow,
            final int rowCount,
            final MemorySegment rows,
            final long nowNs) {
        answers.onResult(nodeId, shardId, attempt, layer, firstRow, rowCount, rows, nowNs);
    }

    /** A shard wasn't computed. */
    public void onNack(
            final int nodeId, final long shardId, final int attempt, final NackReason reason, final long nowNs) {
        answers.onNack(nodeId, shardId, attempt, reason, nowNs);
    }

    // ---- the lane's questions ----

    /** Whether all results of the lane's layer are in. */
    public boolean layerComplete(final int lane) {
        return lanes.get(lane).missingResults == 0;
    }

    /** Whether nothing of the lane is left to send, as far as is known now. */
    public boolean allSent(final int lane) {
        return lanes.get(lane).pending.isEmpty() && lanes.get(lane).sending.isEmpty();
    }

    /** Whether the lane waits for a unit that no connected node holds. */
    public boolean parked(final int lane) {
        return lanes.get(lane).parked;
    }

    /** Whether the lane waits for a unit whose nodes are all lost or suspect. */
    public boolean stranded(final int lane) {
        return strandedShard(lane) != null;
    }

    private @Nullable OpenShard strandedShard(final int lane) {
        for (final OpenShard shard : lanes.get(lane).shards) {
            if (nodes.nobodyAnswers(nodes.replicas(shard.layer, shard.expert))) {
                return shard;
            }
        }
        return null;
    }

    /** The unit that a parked or stranded lane waits for, for people. */
    public String missingUnit(final int lane) {
        final List<OpenShard> pending = lanes.get(lane).pending;
        final OpenShard stranded = strandedShard(lane);
        final OpenShard shard = stranded != null || pending.isEmpty() ? stranded : pending.getFirst();
        return shard == null ? "an expert" : "expert " + shard.expert + " of layer " + shard.layer;
    }

    /** Whether a result of the row was given up in some layer of this step. */
    public boolean rowPoisoned(final int lane, final int row) {
        return lanes.get(lane).poisoned[row];
    }

    /**
     * Whether the lane's layer may be given up now: not while a shard is partly in a channel, since its node would wait
     * for the rest until it gives up itself.
     */
    public boolean mayAbandon(final int lane) {
        return lanes.get(lane).sending.isEmpty();
    }

    /** Gives up the lane's layer: answers to its shards will be late. */
    public void abandon(final int lane) {
        final LaneExchange exchange = lanes.get(lane);
        if (exchange.missingResults == 0) {
            return;
        }
        counters.abandoned(exchange.layer, exchange.rowCount, exchange.resultsIn());
        book.finishAll(exchange);
    }

    /**
     * Whether a shard that a lane waits for was sent under a placement older than {@code epoch}, and not again since.
     */
    public boolean hasOpenShardBefore(final long epoch) {
        for (final OpenShard shard : book.all()) {
            if (!shard.done && shard.isBefore(epoch)) {
                return true;
            }
        }
        return false;
    }

    /** Shards that lanes wait for. */
    public int openShards() {
        return book.awaited();
    }
}
