package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class CheshireBalancerTest {
    private static final double[] SKEWED = {600, 560, 120, 120, 20, 10, 10, 10};

    @Test
    void shouldReachTheOptimumWhereGreedyReplicationCannot() {
        final List<NodeCapacity> nodes = equalNodes(8, 2);
        final BalanceProblem problem = new BalanceProblem(SKEWED, nodes, Assignment.home(1, 8, 8), 1, 0);

        final EplbBalancer eplb = new EplbBalancer();
        final Shares theirs = EplbBalancer.shares(eplb.physicalToLogical(problem), 8);
        assertThat(hottest(theirs, SKEWED, nodes)).as("EPLB").isCloseTo(232, within(1e-4));

        final Assignment ours = new CheshireBalancer().balance(problem);
        assertThat(hottest(ours, SKEWED, nodes)).as("the optimum").isCloseTo(560 / 3.0 + 10, within(1e-9));
        assertLegal(ours, problem);
    }

    @Test
    void shouldMoveNothingWhereNothingIsGained() {
        final List<NodeCapacity> nodes = equalNodes(8, 2);
        final Assignment home = Assignment.home(1, 8, 8);
        final Assignment first = new CheshireBalancer().balance(new BalanceProblem(SKEWED, nodes, home, 1, 0));
        final Assignment again = new CheshireBalancer().balance(new BalanceProblem(SKEWED, nodes, first, 1, 0));
        assertThat(again.toMasks()).isEqualTo(first.toMasks());

        final double[] even = {5, 5, 5, 5, 5, 5, 5, 5};
        final Assignment same = new CheshireBalancer().balance(new BalanceProblem(even, nodes, home, 1, 0));
        assertThat(same.unitsLoadedSince(home)).isZero();
    }

    @Test
    void shouldLoadFewerUnitsTheMoreAMoveCosts() {
        final List<NodeCapacity> nodes = equalNodes(8, 2);
        final Assignment home = Assignment.home(1, 8, 8);
        long last = Long.MAX_VALUE;
        for (final double price : new double[] {0, 5, 40, 120, 1000}) {
            final Assignment answer = new CheshireBalancer().balance(new BalanceProblem(SKEWED, nodes, home, 1, price));
            final long loaded = answer.unitsLoadedSince(home);
            assertThat(loaded).as("at price " + price).isLessThanOrEqualTo(last);
            assertThat(hottest(answer, SKEWED, nodes) + price * loaded)
                    .as("what moves cost is gained")
                    .isLessThanOrEqualTo(600 + 1e-9);
            last = loaded;
        }
        assertThat(last).as("600 on one node is not worth a move").isZero();
    }

    @Test
    void shouldGiveFasterNodesMoreWork() {
        final List<NodeCapacity> nodes =
                List.of(new NodeCapacity(4, 3, 4), new NodeCapacity(7, 1, 4), new NodeCapacity(9, 1, 4));
        final double[] loads = {30, 30, 30, 10};
        final Assignment answer =
                new CheshireBalancer().balance(new BalanceProblem(loads, nodes, Assignment.home(1, 4, 3), 1, 0));
        assertThat(hottest(answer, loads, nodes))
                .as("100 units of work on speed 5")
                .isLessThan(20 * 1.05);
    }

    @Test
    void shouldKeepTwoReplicasWhereMemoryAllows() {
        final double[] loads = {100, 1, 1, 1};
        final BalanceProblem roomy = new BalanceProblem(loads, equalNodes(4, 2), Assignment.none(1, 4), 2, 0);
        final Assignment pairs = new CheshireBalancer().balance(roomy);
        assertLegal(pairs, roomy);
        for (int expert = 0; expert < 4; expert++) {
            assertThat(Long.bitCount(pairs.holders(0, expert))).isEqualTo(2);
        }
        final BalanceProblem tight = new BalanceProblem(loads, equalNodes(4, 1), Assignment.none(1, 4), 2, 0);
        assertLegal(new CheshireBalancer().balance(tight), tight);
    }

    @Test
    void shouldSayWhenMemoryIsTooSmall() {
        assertThatThrownBy(() -> new CheshireBalancer()
                        .balance(new BalanceProblem(new double[32], equalNodes(4, 7), Assignment.none(2, 16), 1, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holds 28 units")
                .hasMessageContaining("32 units");
    }

    @Property(tries = 300)
    void shouldStayLegalAndNeverGetWorse(
            @ForAll final long seed,
            @ForAll @IntRange(min = 2, max = 9) final int nodeCount,
            @ForAll @IntRange(min = 1, max = 12) final int experts,
            @ForAll @IntRange(min = 1, max = 3) final int replicas) {
        final Random random = new Random(seed);
        final int layers = 1 + random.nextInt(3);
        final List<NodeCapacity> nodes = new ArrayList<>();
        final int share = (experts + nodeCount - 1) / nodeCount;
        for (int n = 0; n < nodeCount; n++) {
            final double speed = random.nextBoolean() ? 1 : 0.5 + random.nextDouble();
            nodes.add(new NodeCapacity(10 + n, speed, layers * share + random.nextInt(layers * 3)));
        }
        final double[] costs = random.doubles((long) layers * experts)
                .map(x -> Math.exp(4 * x))
                .toArray();
        final Assignment home = Assignment.home(layers, experts, nodeCount);
        final BalanceProblem problem = new BalanceProblem(costs, nodes, home, replicas, random.nextInt(3));

        final Assignment first = new CheshireBalancer().balance(problem);
        assertLegal(first, problem);
        final double[] drifted = costs.clone();
        drifted[random.nextInt(drifted.length)] *= 3;
        final BalanceProblem next = new BalanceProblem(drifted, nodes, first, replicas, problem.pricePerUnit());
        final CheshireBalancer used = new CheshireBalancer();
        used.balance(problem);
        final Assignment second = used.balance(next);
        assertLegal(second, next);
        assertThat(second.toMasks())
                .as("scratch left by another problem changes nothing")
                .isEqualTo(new CheshireBalancer().balance(next).toMasks());
        assertThat(hottest(second, drifted, nodes) + next.pricePerUnit() * second.unitsLoadedSince(first))
                .isLessThanOrEqualTo(hottest(first, drifted, nodes) * (1 + 1e-9));
    }

    @Test
    void shouldComeWithinOnePercentOfExhaustiveSearchOnAverage() {
        final List<NodeCapacity> nodes = equalNodes(3, 2);
        double sum = 0;
        double worst = 0;
        for (int seed = 0; seed < 200; seed++) {
            final double[] costs =
                    new Random(seed).doubles(4).map(x -> Math.exp(3 * x)).toArray();
            final Assignment answer =
                    new CheshireBalancer().balance(new BalanceProblem(costs, nodes, Assignment.home(1, 4, 3), 1, 0));
            final double ratio = hottest(answer, costs, nodes) / exhaustive(costs, nodes, new long[4], 0);
            sum += ratio;
            worst = Math.max(worst, ratio);
        }
        assertThat(sum / 200).isLessThan(1.01);
        assertThat(worst).isLessThan(1.15);
    }

    @Test
    void shouldTurnIntoAPlacementAndBack() {
        final List<NodeCapacity> nodes = List.of(new NodeCapacity(20, 1, 8), new NodeCapacity(5, 1, 8));
        final Assignment both = new Assignment(1, 3, new long[] {1, 3, 2});
        assertThat(both.toNodesByUnit(nodes)).containsExactly(List.of(20), List.of(5, 20), List.of(5));
        assertThat(Assignment.of(3, both.toNodesByUnit(nodes), nodes).toMasks()).isEqualTo(both.toMasks());
    }

    private static double exhaustive(
            final double[] costs, final List<NodeCapacity> nodes, final long[] masks, final int unit) {
        if (unit == costs.length) {
            for (int n = 0; n < nodes.size(); n++) {
                int held = 0;
                for (final long mask : masks) {
                    held += (int) (mask >>> n & 1);
                }
                if (held > nodes.get(n).unitCapacity()) {
                    return Double.POSITIVE_INFINITY;
                }
            }
            return hottest(new Assignment(1, costs.length, masks), costs, nodes);
        }
        double best = Double.POSITIVE_INFINITY;
        for (long mask = 1; mask < 1L << nodes.size(); mask++) {
            masks[unit] = mask;
            best = Math.min(best, exhaustive(costs, nodes, masks, unit + 1));
        }
        return best;
    }

    private static void assertLegal(final Assignment answer, final BalanceProblem problem) {
        final List<NodeCapacity> nodes = problem.nodes();
        for (int n = 0; n < nodes.size(); n++) {
            int held = 0;
            for (final long mask : answer.toMasks()) {
                held += (int) (mask >>> n & 1);
            }
            assertThat(held)
                    .as("units on node " + n)
                    .isLessThanOrEqualTo(nodes.get(n).unitCapacity());
        }
        assertThat(java.util.Arrays.stream(answer.toMasks())).allMatch(mask -> mask != 0 && mask < 1L << nodes.size());
    }

    private static List<NodeCapacity> equalNodes(final int count, final int slots) {
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            nodes.add(new NodeCapacity(n, 1, slots));
        }
        return nodes;
    }

    private static double hottest(final Assignment answer, final double[] costs, final List<NodeCapacity> nodes) {
        return hottest(answer.sharesBySpeed(nodes), costs, nodes, answer.layers());
    }

    private static double hottest(final Shares shares, final double[] costs, final List<NodeCapacity> nodes) {
        return hottest(shares, costs, nodes, 1);
    }

    /** Sum over layers of the hottest node's time, computed afresh. */
    private static double hottest(
            final Shares shares, final double[] costs, final List<NodeCapacity> nodes, final int layers) {
        final int experts = costs.length / layers;
        double sum = 0;
        for (int layer = 0; layer < layers; layer++) {
            double most = 0;
            for (int n = 0; n < nodes.size(); n++) {
                double load = 0;
                for (int e = 0; e < experts; e++) {
                    load += costs[layer * experts + e] * shares.share(layer, e, n);
                }
                most = Math.max(most, load / nodes.get(n).speed());
            }
            sum += most;
        }
        return sum;
    }
}
