package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.router.core.exchange.FailoverRig.Sent;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows of a unit shared by its replicas: unit u on nodes u mod 4 and the next. A part is worth at least four rows. */
class RowSplitTest {
    private static final int RIDGE = FailoverRig.RIDGE_ROWS;

    private final FailoverRig rig = new FailoverRig(2, 4, 2);

    static LongStream seeds() {
        final Long seed = Long.getLong("cheshire.seed");
        return seed != null ? LongStream.of(seed) : LongStream.rangeClosed(1, 300);
    }

    @Test
    void shouldShareManyRowsOfAUnitAmongItsReplicas() {
        rig.begin(0, rows(16, 0, 1));
        // Unit 0 lies on nodes 0 and 1, unit 1 on 1 and 2: 32 rows on three nodes.
        assertThat(rowsOn(0)).isBetween(10, 11);
        assertThat(rowsOn(1)).isBetween(10, 11);
        assertThat(rowsOn(2)).isBetween(10, 11);
        assertThat(rig.counters().splits()).isEqualTo(2);
        answerAll();
        rig.assertComplete(0, 0);
        rig.assertBalanced();
    }

    @Test
    void shouldKeepRowsTogetherWhileReadingTheWeightsTakesLonger() {
        rig.begin(0, rows(2 * RIDGE - 1, 0, 2));
        assertThat(rig.sent).hasSize(2);
        assertThat(rig.counters().splits()).isZero();
    }

    @Test
    void shouldSeatWholeUnitsOnDifferentNodes() {
        // 0 and 4 are both at home on node 0 with their replicas on node 1; 2 and 6 on nodes 2 and 3.
        rig.begin(0, 0, 4, 2, 6);
        assertThat(rig.sent)
                .extracting(Sent::nodeId)
                .as("nobody reads two units")
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldSpareANodeThatHasMuchToDo() {
        rig.begin(1, rows(16, 0, 4));
        final int[] before = IntStream.range(0, 4).map(this::rowsOn).toArray();
        assertThat(before).containsExactly(16, 16, 0, 0);
        rig.sent.clear();
        rig.begin(0, rows(16, 1, 3));
        assertThat(rowsOn(1)).as("busy: node 2 takes its rows").isZero();
        assertThat(rowsOn(2)).isEqualTo(16);
    }

    @Test
    void shouldGiveASlowerNodeFewerRowsAndItsShareBackWhenItIsWell() {
        assertThat(fewestRowsOnNode0(1, 4)).isEqualTo(8);
        fewestRowsOnNode0(2, 40);
        assertThat(fewestRowsOnNode0(2, 4))
                .as("twice as slow as node 1; now and then it is tried with its full share")
                .isBetween(RIDGE, 6);
        fewestRowsOnNode0(1, 60);
        assertThat(fewestRowsOnNode0(1, 4)).isEqualTo(8);
        rig.assertBalanced();
    }

    /** Layers of 16 rows for nodes 0 and 1 and as many for 2 and 3; node 0 takes so many times as long for each row. */
    private int fewestRowsOnNode0(final int timesSlower, final int layers) {
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < layers; i++) {
            rig.begin(0, rows(16, 0, 2));
            fewest = Math.min(fewest, rowsOn(0));
            for (int ns = 0; !rig.exchange.layerComplete(0); ns++) {
                final int sinceNs = ns;
                rig.nowNs++;
                List.copyOf(rig.sent).stream()
                        .filter(s -> 3 * s.rows().size() * (s.nodeId() == 0 ? timesSlower : 1) <= sinceNs)
                        .forEach(s -> {
                            rig.answer(s);
                            rig.sent.remove(s);
                        });
            }
        }
        assertThat(rig.node(0).slow()).isFalse();
        return fewest;
    }

    @Test
    void shouldLeaveOutSuspectsAndAskTheOtherReplicasForTheirParts() {
        rig.begin(0, rows(16, 0, 2));
        assertThat(rowsOn(0)).isEqualTo(8);
        rig.exchange.nodeSuspected(0);
        rig.pump();
        assertThat(rig.sent.subList(4, rig.sent.size()))
                .as("the suspect's part goes to the other holder")
                .extracting(Sent::nodeId, s -> s.rows().size())
                .containsExactly(org.assertj.core.groups.Tuple.tuple(1, 8));
        answerAll();
        rig.assertComplete(0, 0);
        rig.begin(0, rows(16, 0, 2));
        assertThat(rowsOn(0)).as("no rows for a suspect").isZero();
        answerAll();
        rig.assertBalanced();
    }

    @Test
    void shouldForgetThePlanOfAPlacementThatIsOver() {
        rig.outcome[1] = SendOutcome.BACK_PRESSURED;
        rig.begin(0, rows(16, 0, 2));
        assertThat(rig.sent)
                .as("the part for node 1 waits")
                .extracting(Sent::nodeId)
                .doesNotContain(1);
        rig.exchange.placement(rig.placement(2, 1));
        rig.outcome[1] = SendOutcome.SENT;
        rig.pass(1);
        assertThat(rowsOn(1)).as("epoch 2 lists node 0 alone").isZero();
        assertThat(rowsOn(0)).isEqualTo(16);
        answerAll();
        rig.assertComplete(0, 0);
        rig.assertBalanced();
    }

    @Test
    void shouldSendAPartElsewhereWhenItsNodeHasNoCredit() {
        rig.credit[0] = 0;
        rig.begin(0, rows(16, 0, 2));
        rig.exchange.nodeLost(0, 0);
        rig.pass(1);
        answerAll();
        rig.assertComplete(0, 0);
        rig.assertBalanced();
    }

    /**
     * The gate of the whole: over many layers, nodes and placements every row goes out once for each of its experts.
     */
    @ParameterizedTest
    @MethodSource("seeds")
    void shouldAskForEveryRowExactlyOnceAndByThePlacement(final long seed) {
        final Random random = new Random(seed);
        final int nodes = 1 + random.nextInt(6);
        final int replicas = 1 + random.nextInt(nodes);
        final FailoverRig drawn =
                new FailoverRig(2, nodes, replicas, new SplitPolicy(random.nextInt(5) > 0, 1 + random.nextInt(8)));
        for (int layer = 0; layer < 40; layer++) {
            final int lane = random.nextInt(2);
            if (drawn.exchange.layerComplete(lane)) {
                final int[] experts = draw(random);
                drawn.begin(lane, experts);
                assertAskedOnce(drawn, lane, experts, replicas);
            }
            drawn.nowNs += random.nextInt(400);
            answerSome(drawn, random);
        }
        owed.addAll(drawn.sent);
        answerAll(drawn);
        drawn.assertBalanced();
    }

    private static int[] draw(final Random random) {
        final int rows = 1 + random.nextInt(FailoverRig.ROWS);
        final int spread = 2 + random.nextInt(7);
        final int[] experts = new int[2 * rows];
        for (int row = 0; row < rows; row++) {
            experts[2 * row] = random.nextInt(spread);
            experts[2 * row + 1] = (experts[2 * row] + 1 + random.nextInt(spread - 1)) % spread;
        }
        return experts;
    }

    private final List<Sent> owed = new ArrayList<>();

    private void assertAskedOnce(final FailoverRig of, final int lane, final int[] experts, final int replicas) {
        final List<Sent> shards = of.sent.stream()
                .filter(s -> s.lane() == lane && s.attempt() == 0) // the others are hedges
                .toList();
        owed.addAll(of.sent);
        of.sent.clear();
        final Set<List<Integer>> asked = new HashSet<>();
        for (final Sent shard : shards) {
            assertThat(Math.floorMod(shard.nodeId() - shard.expert(), of.nodeCount))
                    .as("node %d for unit %d", shard.nodeId(), shard.expert())
                    .isLessThan(replicas);
            shard.rows()
                    .forEach(row -> assertThat(asked.add(List.of(row, shard.expert())))
                            .as("row %d of expert %d asked once", row, shard.expert())
                            .isTrue());
        }
        assertThat(asked).hasSize(experts.length);
        IntStream.range(0, experts.length)
                .forEach(place -> assertThat(asked).contains(List.of(place / 2, experts[place])));
    }

    private void answerSome(final FailoverRig of, final Random random) {
        for (int i = random.nextInt(6); i > 0 && !owed.isEmpty(); i--) {
            of.answer(owed.remove(random.nextInt(owed.size())));
        }
    }

    private void answerAll(final FailoverRig of) {
        owed.forEach(of::answer);
        owed.clear();
    }

    private void answerAll() {
        List.copyOf(rig.sent).forEach(rig::answer);
        rig.sent.clear();
    }

    private int rowsOn(final int nodeId) {
        return rig.sent.stream()
                .filter(s -> s.nodeId() == nodeId)
                .mapToInt(s -> s.rows().size())
                .sum();
    }

    /** Rows that all name the same two experts. */
    private static int[] rows(final int count, final int first, final int second) {
        final int[] experts = new int[2 * count];
        for (int place = 0; place < experts.length; place += 2) {
            experts[place] = first;
            experts[place + 1] = second;
        }
        return Arrays.copyOf(experts, 2 * count);
    }
}
