package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * An exchange before nodes that exist only as a list of what they were sent: unit u has its home on node u mod n and
 * its replica on the next. A result row is one number, made of row and expert, so that a wrong place shows.
 */
final class FailoverRig implements ShardSender {
    static final ModelConfig MODEL = GoldenModel.config();
    static final int ROWS = 16;
    static final long FLOOR_NS = 100;
    static final long CEILING_NS = 10_000;
    static final long ANSWER_TIMEOUT_NS = 100_000;
    static final int BURST = 4;
    static final int RIDGE_ROWS = 4;
    /** Nodes are lost without end, and nobody holds the rows that they had to blame. */
    private static final int BLAMELESS = Integer.MAX_VALUE;

    static final FailoverPolicy POLICY = policy(BLAMELESS);

    final Exchange exchange;
    final List<Sent> sent = new ArrayList<>();
    final int[] credit;
    final SendOutcome[] outcome;
    final List<MemorySegment> results;
    final int[][] experts;
    final int nodeCount;
    long nowNs;
    long rowsServed;
    private int replicasListed;
    private final long[] servedByLayer = new long[MODEL.layerCount()];

    private final Set<Served> served = new HashSet<>();
    /**
     * Some answer came twice, which no transport does: nobody can tell the copy of a forgotten answer from one taken
     * for lost.
     */
    private boolean copied;

    private record Served(long shardId, int attempt, int row) {}

    /** An attempt as it was sent: the exchange pools its own. */
    record Sent(int lane, long shardId, int attempt, int nodeId, int layer, int expert, List<Integer> rows) {
        static Sent of(final Shard s) {
            return new Sent(
                    s.lane,
                    s.shardId,
                    s.attempt,
                    s.nodeId,
                    s.layer,
                    s.expert,
                    Arrays.stream(s.rows, 0, s.rowCount).boxed().toList());
        }
    }

    FailoverRig(final int laneCount, final int nodeCount, final int replicas) {
        this(laneCount, nodeCount, replicas, new SplitPolicy(true, RIDGE_ROWS));
    }

    /** Rows with which so many nodes are lost are given up. */
    static FailoverRig blamingAfter(final int nodesLost, final int laneCount, final int nodeCount, final int replicas) {
        return new FailoverRig(laneCount, nodeCount, replicas, new SplitPolicy(false, RIDGE_ROWS), policy(nodesLost));
    }

    private static FailoverPolicy policy(final int maxNodesLost) {
        return new FailoverPolicy(
                new RetryPolicy(10, 100, 3, maxNodesLost),
                new HedgePolicy(3, FLOOR_NS, CEILING_NS, 4, 0.05, BURST, ANSWER_TIMEOUT_NS),
                new GrayPolicy(3, 1.5, 10, 4, 1.5));
    }

    FailoverRig(final int laneCount, final int nodeCount, final int replicas, final SplitPolicy split) {
        this(laneCount, nodeCount, replicas, split, POLICY);
    }

    private FailoverRig(
            final int laneCount,
            final int nodeCount,
            final int replicas,
            final SplitPolicy split,
            final FailoverPolicy policy) {
        this.nodeCount = nodeCount;
        results = IntStream.range(0, laneCount)
                .mapToObj(lane -> MemorySegment.ofArray(new float[ROWS * 2 * MODEL.hiddenSize()]))
                .toList();
        experts = new int[laneCount][];
        credit = new int[nodeCount];
        outcome = new SendOutcome[nodeCount];
        Arrays.fill(credit, 1000);
        Arrays.fill(outcome, SendOutcome.SENT);
        exchange = new Exchange(MODEL, results, ROWS, ROWS, policy, split);
        exchange.placement(placement(1, replicas));
        IntStream.range(0, nodeCount).forEach(node -> exchange.nodeReady(node, 0));
    }

    /** To be handed to the exchange at once: whatever is sent from then on must go to the nodes that it lists. */
    Placement placement(final long epoch, final int replicas) {
        replicasListed = replicas;
        return new Placement(
                epoch,
                MODEL.expertCount(),
                IntStream.range(0, MODEL.unitCount())
                        .mapToObj(unit -> IntStream.range(0, replicas)
                                .mapToObj(i -> (unit + i) % nodeCount)
                                .toList())
                        .toList());
    }

    @Override
    public int creditRows(final int nodeId) {
        return credit[nodeId];
    }

    @Override
    public SendOutcome dispatch(final Shard shard) {
        final int unit = shard.layer * MODEL.expertCount() + shard.expert;
        assertThat(Math.floorMod(shard.nodeId - unit, nodeCount))
                .as("node %d must be listed for unit %d", shard.nodeId, unit)
                .isLessThan(replicasListed);
        if (outcome[shard.nodeId] == SendOutcome.SENT) {
            shard.rowsSent = shard.rowCount;
            credit[shard.nodeId] -= shard.rowCount;
            sent.add(Sent.of(shard));
        }
        return outcome[shard.nodeId];
    }

    /** A layer whose rows name these experts, two a row; then all that can be sent is. */
    void begin(final int lane, final int... chosen) {
        exchange.beginStep(lane);
        exchange.beginLayer(lane, 1, 0, chosen.length / 2, chosen);
        experts[lane] = chosen;
        pump();
    }

    void pump() {
        for (int lane = 0; lane < results.size(); lane++) {
            exchange.pump(lane, nowNs, this);
        }
    }

    /** Time passes, and the exchange looks around. */
    void pass(final long ns) {
        nowNs += ns;
        pump();
        exchange.tend(nowNs);
    }

    Sent last() {
        return sent.getLast();
    }

    List<Integer> nodesOf(final long shardId) {
        return sent.stream().filter(s -> s.shardId == shardId).map(Sent::nodeId).toList();
    }

    void answer(final Sent s) {
        answer(s, 0, s.rows.size());
    }

    void answer(final Sent s, final int first, final int count) {
        credit[s.nodeId] += count;
        rowsServed += count;
        for (int row = first; row < first + count; row++) {
            copied |= !served.add(new Served(s.shardId, s.attempt, row));
            servedByLayer[s.layer]++;
        }
        final float[] rows = new float[count * MODEL.hiddenSize()];
        for (int i = 0; i < count; i++) {
            Arrays.fill(
                    rows,
                    i * MODEL.hiddenSize(),
                    (i + 1) * MODEL.hiddenSize(),
                    value(s.layer, s.rows.get(first + i), s.expert));
        }
        exchange.onResult(s.nodeId, s.shardId, s.attempt, s.layer, first, count, MemorySegment.ofArray(rows), nowNs);
    }

    void refuse(final Sent s, final NackReason reason) {
        credit[s.nodeId] += s.rows.size();
        exchange.onNack(s.nodeId, s.shardId, s.attempt, reason, nowNs);
    }

    static float value(final int layer, final int row, final int expert) {
        return 1 + 10_000 * layer + 100 * row + expert;
    }

    /** All results of the lane's layer are in their places. */
    void assertComplete(final int lane, final int layer) {
        assertThat(exchange.layerComplete(lane)).as("the layer is complete").isTrue();
        final List<Float> expected = new ArrayList<>();
        final List<Float> found = new ArrayList<>();
        for (int place = 0; place < experts[lane].length; place++) {
            expected.add(value(layer, place / 2, experts[lane][place]));
            found.add(results.get(lane).getAtIndex(ValueLayout.JAVA_FLOAT, (place + 1L) * MODEL.hiddenSize() - 1));
        }
        assertThat(found).isEqualTo(expected);
    }

    ExchangeCounters.Snapshot counters() {
        return exchange.counters().snapshot();
    }

    NodeHealth node(final int nodeId) {
        return exchange.nodeHealth().get(nodeId);
    }

    /** Nobody owes anything, and the router's books agree with the nodes'. */
    void assertBalanced() {
        assertThat(exchange.openShards()).isZero();
        assertThat(exchange.nodeHealth()).allSatisfy(node -> {
            assertThat(node.openRows())
                    .as("open rows of node %d", node.nodeId())
                    .isZero();
            assertThat(node.overdue()).as("overdue at node %d", node.nodeId()).isZero();
        });
        final ExchangeCounters.Snapshot seen = counters();
        final long computed =
                seen.rowsComputed().stream().mapToLong(Long::longValue).sum();
        assertThat(seen.resultRows()).as("rows served").isEqualTo(rowsServed);
        assertThat(seen.resultRows() - seen.duplicateRows() - seen.lateRows() + seen.poisonedRows())
                .isEqualTo(MODEL.expertsPerToken() * computed + seen.resultsAbandoned());
        if (!copied) {
            assertLayersBalanced(seen);
        }
    }

    /**
     * Layer by layer, the nodes served what the router combined and what it dropped, and at most what it lost sight of.
     */
    private void assertLayersBalanced(final ExchangeCounters.Snapshot seen) {
        final AnswerRows rows = exchange.counters().answerRows();
        assertThat(rows.open()).as("rows open").containsOnly(0L);
        for (int layer = 0; layer < servedByLayer.length; layer++) {
            final long booked = MODEL.expertsPerToken() * seen.rowsComputed().get(layer)
                    - rows.givenUp().get(layer)
                    + rows.unused().get(layer);
            assertThat(servedByLayer[layer])
                    .as("rows served in layer %d", layer)
                    .isBetween(booked, booked + rows.lost().get(layer));
        }
    }
}
