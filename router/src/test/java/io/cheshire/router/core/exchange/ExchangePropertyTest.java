package io.cheshire.router.core.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.router.core.exchange.FailoverRig.Sent;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.SendOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Anything may happen to nodes, frames and answers; nothing may be wrong. Then all heals, and every layer must be
 * completed: each row with both its experts' results in their places, once each, and books that balance.
 * {@code -Dcheshire.seed=N} runs one seed.
 */
class ExchangePropertyTest {
    private static final int LANES = 3;
    private static final int NODES = 4;
    private static final int EVENTS = 400;

    private final List<Sent> owed = new ArrayList<>();
    private final List<Sent> lost = new ArrayList<>();
    private final boolean[] down = new boolean[NODES];
    private final boolean[] suspect = new boolean[NODES];
    private final boolean[] abandoned = new boolean[LANES];
    private Random random;
    private FailoverRig rig;
    private int taken;
    private long epoch = 1;
    private int completed;

    static LongStream seeds() {
        final Long seed = Long.getLong("cheshire.seed");
        return seed != null ? LongStream.of(seed) : LongStream.rangeClosed(1, 400);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldCombineEveryRowExactlyOnceWhateverHappens(final long seed) {
        random = new Random(seed);
        rig = new FailoverRig(
                LANES, NODES, 1 + random.nextInt(3), new SplitPolicy(random.nextInt(4) > 0, 1 + random.nextInt(6)));
        final double[] weights = IntStream.range(0, 14)
                .mapToDouble(i -> random.nextBoolean() ? random.nextDouble() : 0)
                .toArray();
        for (int i = 0; i < EVENTS; i++) {
            happen(weights);
            takeSent();
            checkLanes();
        }
        heal();
        rig.assertBalanced();
        assertThat(completed).isPositive();
    }

    private void happen(final double[] weights) {
        rig.pass(random.nextInt(4) == 0 ? random.nextInt(20_000) : random.nextInt(60));
        takeSent();
        final int node = random.nextInt(NODES);
        if (hits(weights[0], 0.3)) {
            lose(node);
        }
        if (random.nextInt(20) == 0) {
            bringBack(node);
        }
        if (hits(weights[1], 0.1) && !down[node]) {
            suspect[node] = true;
            rig.exchange.nodeSuspected(node);
        }
        if (random.nextInt(20) == 0 && suspect[node]) {
            suspect[node] = false;
            rig.exchange.nodeRecovered(node);
        }
        if (hits(weights[2], 0.05)) {
            rig.exchange.placement(rig.placement(++epoch, 1 + random.nextInt(3)));
        }
        rig.outcome[node] = hits(weights[3], 0.5) ? SendOutcome.BACK_PRESSURED : SendOutcome.SENT;
        rig.credit[node] = hits(weights[4], 0.5) ? random.nextInt(6) : 1000;
        if (hits(weights[5], 0.05)) {
            final int lane = random.nextInt(LANES);
            abandoned[lane] = true;
            rig.exchange.abandon(lane);
        }
        if (hits(weights[6], 0.3) && !owed.isEmpty()) {
            lost.add(owed.remove(random.nextInt(owed.size()))); // its frame, or its answer's
        }
        if (hits(weights[7], 0.3) && !lost.isEmpty()) {
            answerSome(lost.get(random.nextInt(lost.size()))); // from an earlier connection, or very late
        }
        begin(random.nextInt(LANES));
        for (int i = random.nextInt(4); i > 0 && !owed.isEmpty(); i--) {
            answer(owed.get(random.nextInt(owed.size())), weights);
        }
    }

    private boolean hits(final double weight, final double most) {
        return random.nextDouble() < weight * most;
    }

    private void lose(final int node) {
        if (!down[node]) {
            down[node] = true;
            suspect[node] = false;
            rig.exchange.nodeLost(node, node);
            owed.stream().filter(s -> s.nodeId() == node).forEach(lost::add);
            owed.removeIf(s -> s.nodeId() == node);
        }
    }

    private void bringBack(final int node) {
        if (down[node]) {
            down[node] = false;
            rig.exchange.nodeReady(node, 0);
        }
    }

    private void begin(final int lane) {
        if (rig.exchange.layerComplete(lane)) {
            final int rows = 1 + random.nextInt(FailoverRig.ROWS);
            final int[] experts = new int[2 * rows];
            for (int row = 0; row < rows; row++) {
                final int first = random.nextInt(8);
                experts[2 * row] = first;
                experts[2 * row + 1] = (first + 1 + random.nextInt(7)) % 8;
            }
            abandoned[lane] = false;
            rig.begin(lane, experts);
        }
    }

    private void takeSent() {
        for (; taken < rig.sent.size(); taken++) {
            final Sent shard = rig.sent.get(taken);
            assertThat(down[shard.nodeId()]).as("a lost node got a shard").isFalse();
            owed.add(shard);
        }
    }

    private void answer(final Sent shard, final double[] weights) {
        if (hits(weights[8], 0.3)) {
            final NackReason[] reasons = {NackReason.NOT_RESIDENT, NackReason.DRAINING, NackReason.OVERLOADED};
            owed.remove(shard);
            rig.refuse(shard, reasons[random.nextInt(reasons.length)]);
            if (hits(weights[9], 0.5)) {
                rig.refuse(shard, NackReason.OVERLOADED);
            }
        } else if (hits(weights[10], 0.5)) {
            answerSome(shard);
        } else {
            owed.remove(shard);
            rig.answer(shard);
            if (hits(weights[11], 0.5)) {
                rig.answer(shard);
            }
        }
    }

    private void answerSome(final Sent shard) {
        final int first = random.nextInt(shard.rows().size());
        rig.answer(shard, first, 1 + random.nextInt(shard.rows().size() - first));
    }

    /** Whatever is complete is right. */
    private void checkLanes() {
        for (int lane = 0; lane < LANES; lane++) {
            if (rig.experts[lane] != null && rig.exchange.layerComplete(lane) && !abandoned[lane]) {
                rig.assertComplete(lane, 0);
                completed++;
            }
        }
    }

    private void heal() {
        for (int node = 0; node < NODES; node++) {
            bringBack(node);
            rig.exchange.nodeRecovered(node);
            rig.outcome[node] = SendOutcome.SENT;
            rig.credit[node] = 1000;
        }
        for (int turn = 0; turn < 2000 && !isQuiet(); turn++) {
            takeSent();
            List.copyOf(owed).forEach(rig::answer);
            owed.clear();
            rig.pass(10_000);
            takeSent();
        }
        for (int lane = 0; lane < LANES; lane++) {
            assertThat(rig.exchange.layerComplete(lane))
                    .as("lane %d is done", lane)
                    .isTrue();
        }
    }

    private boolean isQuiet() {
        return owed.isEmpty()
                && rig.exchange.openShards() == 0
                && rig.exchange.nodeHealth().stream().allMatch(node -> node.openRows() == 0);
    }
}
