package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Decisions one by one, on eight experts placed on nodes 0 and 1, even and odd. */
class ExchangeTest {
    private static final ModelConfig MODEL = GoldenModel.config();
    private static final int ROWS = 8;
    private static final long RESULT_BYTES = 4L * MODEL.hiddenSize();
    private static final RetryPolicy RETRY = new RetryPolicy(100, 1000, 3, 3);
    private static final FailoverPolicy POLICY = new FailoverPolicy(
            RETRY,
            new HedgePolicy(3, 1_000_000, 1_000_000_000, 16, 0.05, 8, 1_000_000_000),
            new GrayPolicy(3, 1.5, 1_000_000, 16, 1.5));

    private final List<MemorySegment> results = List.of(results(), results());
    private final Exchange exchange = exchange(4);
    private final Sender sender = new Sender();

    /** A shard as it was when it was sent: shards are pooled. */
    private record Sent(long shardId, int attempt, int nodeId, int expert, long epoch, List<Integer> rows) {
        static Sent of(final Shard s) {
            return new Sent(
                    s.shardId,
                    s.attempt,
                    s.nodeId,
                    s.expert,
                    s.epoch,
                    Arrays.stream(s.rows, 0, s.rowCount).boxed().toList());
        }
    }

    private static final class Sender implements ShardSender {
        final List<Sent> sent = new ArrayList<>();
        final int[] credit = {100, 100};
        SendOutcome outcome = SendOutcome.SENT;

        @Override
        public int creditRows(final int nodeId) {
            return credit[nodeId];
        }

        @Override
        public SendOutcome dispatch(final Shard shard) {
            if (outcome == SendOutcome.SENT) {
                shard.rowsSent = shard.rowCount;
                credit[shard.nodeId] -= shard.rowCount;
                sent.add(Sent.of(shard));
            } else if (outcome == SendOutcome.BACK_PRESSURED) {
                shard.rowsSent = 1;
            }
            return outcome;
        }
    }

    @Test
    void shouldGroupRowsByExpertAndSendThemToTheUnitsNode() {
        begin(0, 2, 3, 2, 5, 3, 2);
        exchange.pump(0, 0, sender);
        assertThat(sender.sent)
                .extracting(Sent::expert, Sent::nodeId, Sent::rows)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(2, 0, List.of(0, 1, 2)),
                        org.assertj.core.groups.Tuple.tuple(3, 1, List.of(0, 2)),
                        org.assertj.core.groups.Tuple.tuple(5, 1, List.of(1)));
        assertThat(exchange.allSent(0)).isTrue();
        assertThat(exchange.layerComplete(0)).isFalse();
    }

    @Test
    void shouldPutEachResultInItsPlaceExactlyOnce() {
        begin(0, 2, 3, 3, 2);
        exchange.pump(0, 0, sender);
        answer(sender.sent.get(0), 0, 2, 10);
        answer(sender.sent.get(1), 1, 1, 20);
        answer(sender.sent.get(1), 1, 1, 30); // a duplicate must change nothing
        assertThat(exchange.counters().snapshot().duplicateRows()).isEqualTo(1);
        assertThat(exchange.layerComplete(0)).isFalse();
        answer(sender.sent.get(1), 0, 1, 40);

        assertThat(exchange.layerComplete(0)).isTrue();
        assertThat(places(0, 4)).containsExactly(10f, 40f, 20f, 11f);
        assertThat(exchange.counters().snapshot().rowsComputed()).containsExactly(2L, 0L);
        answer(sender.sent.get(1), 0, 1, 50);
        assertThat(exchange.counters().snapshot().unknownShards()).isEqualTo(1);
        assertThat(exchange.openShards()).isZero();
    }

    @Test
    void shouldRefuseResultsThatDontFitTheirShard() {
        begin(0, 2, 3);
        exchange.pump(0, 0, sender);
        final Sent shard = sender.sent.getFirst();
        final MemorySegment row = rows(1, 1);
        exchange.onResult(1 - shard.nodeId, shard.shardId, 0, 0, 0, 1, row, 0);
        exchange.onResult(shard.nodeId, shard.shardId, 0, 0, 1, 1, rows(1, 1), 0);
        exchange.onResult(shard.nodeId, shard.shardId, 0, 0, -1, 1, row, 0);
        exchange.onResult(shard.nodeId, shard.shardId, 0, 0, 0, 0, row, 0);
        exchange.onResult(shard.nodeId, shard.shardId, 0, 0, 0, 1, row.asSlice(0, 64), 0);
        exchange.onResult(shard.nodeId, shard.shardId, 0, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, row, 0);
        exchange.onResult(shard.nodeId, shard.shardId, 1, 0, 0, 1, row, 0);
        assertThat(exchange.counters().snapshot().invalidResults()).isEqualTo(6);
        assertThat(exchange.counters().snapshot().lateResults()).isEqualTo(1);
        assertThat(exchange.openShards()).isEqualTo(2);
    }

    @Test
    void shouldSendRefusedShardsAgainAfterABackoffThatDoubles() {
        begin(0, 2, 4);
        exchange.pump(0, 0, sender);
        final Sent first = sender.sent.getFirst();
        exchange.onNack(0, first.shardId, 0, NackReason.OVERLOADED, 1000);
        exchange.pump(0, 1099, sender);
        assertThat(sender.sent).hasSize(2);
        exchange.pump(0, 1100, sender);
        assertThat(sender.sent).hasSize(3);
        assertThat(sender.sent.getLast().attempt).isEqualTo(1);
        exchange.onNack(0, first.shardId, 0, NackReason.OVERLOADED, 1100);
        assertThat(exchange.counters().snapshot().lateResults()).isEqualTo(1);
        exchange.onNack(0, first.shardId, 1, NackReason.NOT_RESIDENT, 2000);
        exchange.pump(0, 2199, sender);
        assertThat(sender.sent).hasSize(3);
        exchange.pump(0, 2200, sender);
        assertThat(sender.sent.getLast()).isEqualTo(new Sent(first.shardId, 2, 0, 2, 1, List.of(0)));
    }

    @Test
    void shouldSendOnlyWhatIsMissingAfterANodeIsLost() {
        begin(0, 2, 3, 2, 3, 2, 3);
        exchange.pump(0, 0, sender);
        answer(sender.sent.getFirst(), 1, 1, 7);
        exchange.nodeLost(0, 0);
        exchange.pump(0, 0, sender);
        assertThat(exchange.parked(0)).isTrue();
        assertThat(exchange.everyUnitConnected()).isFalse();
        assertThat(exchange.missingUnit(0)).isEqualTo("expert 2 of layer 0");
        assertThat(exchange.counters().snapshot().parks()).isEqualTo(1);

        exchange.nodeReady(0, 0);
        exchange.pump(0, 0, sender);
        assertThat(exchange.parked(0)).isFalse();
        assertThat(sender.sent.getLast().rows).containsExactly(0, 2);
        answer(sender.sent.getFirst(), 0, 3, 1); // the lost node's answer, late
        assertThat(exchange.counters().snapshot().lateResults()).isEqualTo(1);
        answer(sender.sent.getLast(), 0, 2, 50);
        answer(sender.sent.get(1), 0, 3, 80);
        assertThat(exchange.layerComplete(0)).isTrue();
        assertThat(places(0, 6)).containsExactly(50f, 80f, 7f, 81f, 51f, 82f);
    }

    @Test
    void shouldWaitForCreditAndLoseNothing() {
        Arrays.fill(sender.credit, 1);
        begin(0, 2, 3, 2, 3);
        begin(1, 2, 3);
        exchange.pump(0, 0, sender);
        assertThat(sender.sent)
                .as("idle nodes get what they take")
                .extracting(Sent::rows)
                .containsExactly(List.of(0), List.of(0));
        exchange.pump(1, 0, sender);
        assertThat(sender.sent).hasSize(2);
        assertThat(exchange.allSent(0)).isFalse();
        assertThat(exchange.parked(0)).isFalse();
        Arrays.fill(sender.credit, 2);
        exchange.pump(1, 0, sender);
        exchange.pump(0, 0, sender);
        assertThat(sender.sent).extracting(Sent::rows).last().isEqualTo(List.of(1));
        sender.sent.forEach(s -> answer(s, 0, s.rows.size(), 1));
        assertThat(exchange.layerComplete(0)).isTrue();
        assertThat(exchange.layerComplete(1)).isTrue();
        assertThat(exchange.openShards()).isZero();
    }

    @Test
    void shouldCutLongShards() {
        begin(0, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3);
        exchange.pump(0, 0, sender);
        assertThat(sender.sent).extracting(s -> s.rows.size()).containsExactlyInAnyOrder(4, 2, 4, 2);
    }

    @Test
    void shouldGoOnWithAShardThatIsPartlyInItsChannel() {
        begin(0, 2, 3);
        sender.outcome = SendOutcome.BACK_PRESSURED;
        exchange.pump(0, 0, sender);
        assertThat(exchange.mayAbandon(0)).isFalse();
        sender.outcome = SendOutcome.NOT_CONNECTED;
        exchange.pump(0, 0, sender);
        exchange.nodeLost(0, 0);
        exchange.nodeLost(1, 1);
        exchange.pump(0, 0, sender);
        assertThat(exchange.mayAbandon(0)).isTrue();
        exchange.nodeReady(0, 0);
        exchange.nodeReady(1, 0);
        sender.outcome = SendOutcome.SENT;
        exchange.pump(0, 5000, sender);
        assertThat(sender.sent).extracting(Sent::attempt).containsExactly(1, 1);
    }

    @Test
    void shouldPoisonARowThatNoNodeCanCompute() {
        begin(0, 2, 3, 4, 5);
        exchange.pump(0, 0, sender);
        final Sent bad = sender.sent.getFirst();
        for (int attempt = 0; attempt < 3; attempt++) {
            exchange.onNack(0, bad.shardId, attempt, NackReason.COMPUTE_FAILED, 10_000L * attempt);
            exchange.pump(0, 10_000L * attempt + 9_000, sender);
        }
        assertThat(exchange.rowPoisoned(0, 0)).isTrue();
        assertThat(exchange.rowPoisoned(0, 1)).isFalse();
        sender.sent.stream().filter(s -> s.expert != 2).forEach(s -> answer(s, 0, 1, 5));
        assertThat(exchange.layerComplete(0)).isTrue();
        assertThat(places(0, 4)).containsExactly(Float.NaN, 5f, 5f, 5f);
        assertThat(exchange.counters().snapshot().poisonedRows()).isEqualTo(1);
        exchange.beginStep(0);
        assertThat(exchange.rowPoisoned(0, 0)).isFalse();
    }

    @Test
    void shouldNotUseANodeOfAnotherModel() {
        begin(0, 2, 3);
        exchange.pump(0, 0, sender);
        exchange.onNack(0, sender.sent.getFirst().shardId, 0, NackReason.WRONG_MODEL, 0);
        assertThat(exchange.isConnected(0)).isFalse();
        exchange.pump(0, 1_000_000, sender);
        assertThat(exchange.parked(0)).isTrue();
    }

    @Test
    void shouldChooseByTheNewestPlacementAndKnowWhatIsStillOutUnderOlderOnes() {
        begin(0, 2, 3);
        exchange.pump(0, 0, sender);
        assertThat(exchange.hasOpenShardBefore(2)).isTrue();
        exchange.placement(placement(2, 1));
        begin(1, 2, 3);
        exchange.pump(1, 0, sender);
        assertThat(sender.sent).extracting(Sent::nodeId).containsExactly(0, 1, 0, 0);
        assertThat(sender.sent).extracting(Sent::epoch).containsExactly(1L, 1L, 2L, 2L);
        exchange.onNack(1, sender.sent.get(1).shardId, 0, NackReason.NOT_RESIDENT, 0);
        answer(sender.sent.get(0), 0, 1, 1);
        assertThat(exchange.hasOpenShardBefore(2)).isFalse();
        exchange.pump(0, 100, sender);
        assertThat(sender.sent.getLast().nodeId).isZero();
    }

    @Test
    void shouldForgetAnAbandonedLayer() {
        begin(0, 2, 3);
        begin(1, 2, 3);
        exchange.pump(0, 0, sender);
        exchange.pump(1, 0, sender);
        exchange.abandon(0);
        assertThat(exchange.layerComplete(0)).isTrue();
        assertThat(exchange.openShards()).isEqualTo(2);
        assertThat(exchange.counters().snapshot().rowsAbandoned()).isEqualTo(1);
        begin(0, 4, 5);
        sender.sent.forEach(s -> answer(s, 0, 1, 9));
        assertThat(exchange.counters().snapshot().lateRows()).isEqualTo(2);
        assertThat(exchange.layerComplete(0)).isFalse();
        assertThat(exchange.layerComplete(1)).isTrue();
    }

    @Test
    void shouldDoubleTheBackoffUpToItsLimit() {
        assertThat(IntStream.rangeClosed(1, 6).mapToLong(RETRY::backoffNs))
                .containsExactly(100L, 200L, 400L, 800L, 1000L, 1000L);
        assertThat(RETRY.backoffNs(Integer.MAX_VALUE)).isEqualTo(1000);
    }

    private Exchange exchange(final int maxShardRows) {
        final Exchange made = new Exchange(MODEL, results, ROWS, maxShardRows, POLICY, SplitPolicy.NONE);
        made.placement(placement(1, 2));
        made.nodeReady(0, 0);
        made.nodeReady(1, 0);
        return made;
    }

    private static Placement placement(final long epoch, final int nodes) {
        return new Placement(
                epoch,
                MODEL.expertCount(),
                IntStream.range(0, MODEL.unitCount())
                        .mapToObj(unit -> List.of(unit % nodes))
                        .toList());
    }

    private void begin(final int lane, final int... experts) {
        exchange.beginStep(lane);
        exchange.beginLayer(lane, 1, 0, experts.length / 2, experts);
    }

    /** Row i of the answer is filled with {@code value + i}. */
    private void answer(final Sent shard, final int firstRow, final int count, final float value) {
        exchange.onResult(shard.nodeId, shard.shardId, shard.attempt, 0, firstRow, count, rows(count, value), 0);
    }

    private static MemorySegment rows(final int count, final float value) {
        final float[] rows = new float[count * MODEL.hiddenSize()];
        for (int i = 0; i < rows.length; i++) {
            final int row = i / MODEL.hiddenSize();
            rows[i] = value + row;
        }
        return MemorySegment.ofArray(rows);
    }

    /** The last float of each (row, choice) place. */
    private List<Float> places(final int lane, final int count) {
        return IntStream.range(0, count)
                .mapToObj(place ->
                        results.get(lane).get(ValueLayout.JAVA_FLOAT, (place + 1) * RESULT_BYTES - Float.BYTES))
                .toList();
    }

    private static MemorySegment results() {
        return MemorySegment.ofArray(new float[ROWS * 2 * MODEL.hiddenSize()]);
    }
}
