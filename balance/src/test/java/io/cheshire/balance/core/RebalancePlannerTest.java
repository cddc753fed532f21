package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RebalancePlannerTest {
    private static final long UNIT_BYTES = 1000;
    private static final double[] SKEWED = {600, 560, 120, 120, 20, 10, 10, 10};
    private static final double[] EVEN = {5, 5, 5, 5, 5, 5, 5, 5};

    @Test
    void shouldStayUntilAWindowWasSeen() {
        final RebalancePlanner planner = new RebalancePlanner(1, 8, rules(1, 0.02, 0, 100));
        planner.observe(window(1, new double[8]));
        assertThat(planner.plan(home(1, 8, 8), nodes(8, 2)).reason()).contains("no window");
    }

    @Test
    void shouldMoveToTheOptimumAndSayWhatItGainsPerByte() {
        final RebalancePlanner planner = new RebalancePlanner(1, 8, rules(1, 0.02, 0, 100));
        planner.observe(window(1, SKEWED));
        final RebalancePlan.Move move = move(planner.plan(home(1, 8, 8), nodes(8, 2)));
        // A row costs 10 ns: 600 rows on one node before, 196.67 after.
        assertThat(move.savedNs()).isCloseTo(10 * (600 - (560 / 3.0 + 10)), within(1e-6));
        assertThat(move.gain()).isCloseTo(1 - (560 / 3.0 + 10) / 600, within(1e-9));
        assertThat(move.bytesMoved()).isEqualTo(move.unitsLoaded() * UNIT_BYTES);
        assertThat(move.nsPerByte()).isCloseTo(move.savedNs() / move.bytesMoved(), within(1e-12));
        assertThat(move.balancedness().getFirst()).isCloseTo(1450.0 / 8 / 600, within(1e-9));
        assertThat(move.after().getFirst()).isGreaterThan(0.9);
        assertThat(move.reason()).contains("bytes").contains("layers gain");
    }

    @Test
    void shouldStayWhereItIsOnceItGotThere() {
        final RebalancePlanner planner = new RebalancePlanner(1, 8, rules(1, 0.02, 0, 100));
        planner.observe(window(1, SKEWED));
        final RebalancePlan.Move move = move(planner.plan(home(1, 8, 8), nodes(8, 2)));
        final RebalancePlan again = planner.plan(move.nodesByUnit(), nodes(8, 2));
        assertThat(again).isInstanceOf(RebalancePlan.Stay.class);
        assertThat(again.reason()).contains("no move saves time");
    }

    @Test
    void shouldTouchOnlyLayersThatGainEnough() {
        final RebalancePlanner planner = new RebalancePlanner(3, 8, rules(1, 0.3, 0, 100));
        planner.observe(window(3, EVEN, SKEWED, new double[] {6, 5, 5, 5, 5, 5, 5, 5}));
        final List<List<Integer>> home = home(3, 8, 8);
        final RebalancePlan.Move move = move(planner.plan(home, nodes(8, 6)));
        assertThat(move.layers()).containsExactly(1);
        assertThat(move.nodesByUnit().subList(0, 8)).isEqualTo(home.subList(0, 8));
        assertThat(move.nodesByUnit().subList(16, 24)).isEqualTo(home.subList(16, 24));
    }

    @Test
    void shouldNameTheGainThatIsTooSmall() {
        final RebalancePlanner planner = new RebalancePlanner(1, 8, rules(1, 0.5, 0, 100));
        planner.observe(window(1, 6, 5, 5, 5, 5, 5, 5, 5));
        assertThat(planner.plan(home(1, 8, 8), nodes(8, 2)).reason())
                .contains("below the least gain of 50.00 %")
                .contains("layer 0");
    }

    @Test
    void shouldPayNoMoreForAByteThanItSaves() {
        final RebalancePlanner cheap = new RebalancePlanner(1, 8, rules(1, 0, 0.5, 100));
        cheap.observe(window(1, SKEWED));
        assertThat(move(cheap.plan(home(1, 8, 8), nodes(8, 2))).nsPerByte()).isGreaterThanOrEqualTo(0.5);
        final RebalancePlanner dear = new RebalancePlanner(1, 8, rules(1, 0, 10, 100));
        dear.observe(window(1, SKEWED));
        assertThat(dear.plan(home(1, 8, 8), nodes(8, 2)).reason()).contains("at this price");
    }

    @Test
    void shouldLoadNoMoreUnitsAtATimeThanAllowedAndTheBestFirst() {
        final RebalancePlanner planner = new RebalancePlanner(2, 8, rules(1, 0, 0, 8));
        planner.observe(window(2, new double[] {9, 8, 2, 2, 1, 1, 1, 1}, SKEWED));
        final RebalancePlan.Move move = move(planner.plan(home(2, 8, 8), nodes(8, 4)));
        assertThat(move.unitsLoaded()).isLessThanOrEqualTo(8);
        assertThat(move.layers()).containsExactly(1);
        final RebalancePlanner none = new RebalancePlanner(1, 8, rules(1, 0, 0, 1));
        none.observe(window(1, SKEWED));
        assertThat(none.plan(home(1, 8, 8), nodes(8, 2)).reason()).contains("more than 1 units");
    }

    @Test
    void shouldLeaveUnitsWithoutANodeToTheRepair() {
        final RebalancePlanner planner = new RebalancePlanner(1, 8, rules(1, 0, 0, 100));
        planner.observe(window(1, SKEWED));
        assertThat(planner.plan(home(1, 8, 8), nodes(7, 2)).reason()).contains("1 units have no node");
    }

    @Test
    void shouldSayWhenMemoryIsTooSmall() {
        final RebalancePlanner planner = new RebalancePlanner(2, 8, rules(1, 0, 0, 100));
        planner.observe(window(2, SKEWED, SKEWED));
        assertThat(planner.plan(home(2, 8, 8), nodes(8, 1)).reason()).contains("add nodes or memory");
    }

    @Test
    void shouldNotPlanASwapBetweenFullNodes() {
        final List<NodeCapacity> full = nodes(2, 2);
        final Assignment before = new Assignment(1, 4, new long[] {1, 1, 2, 2});
        final Assignment swapped = new Assignment(1, 4, new long[] {1, 2, 1, 2});
        assertThat(MoveRounds.reachable(before, swapped, full)).isFalse();
        assertThat(MoveRounds.reachable(before, swapped, nodes(2, 3))).isTrue();
        // With a second replica elsewhere a full node may drop first and load afterwards.
        final Assignment pairs = new Assignment(1, 2, new long[] {3, 2});
        assertThat(MoveRounds.reachable(pairs, new Assignment(1, 2, new long[] {2, 1}), nodes(2, 2)))
                .isTrue();

        final RebalancePlanner planner = new RebalancePlanner(1, 4, rules(1, 0, 0, 100));
        planner.observe(window(1, 10, 10, 1, 1));
        assertThat(planner.plan(before.toNodesByUnit(full), full).reason()).contains("memory on the way");
    }

    @Test
    void shouldRefuseAWindowOfAnotherModel() {
        assertThatThrownBy(() -> new RebalancePlanner(1, 8, rules(1, 0, 0, 1)).observe(window(2, SKEWED, SKEWED)))
                .hasMessageContaining("2 x 8");
    }

    @Property(tries = 150)
    void shouldKeepReplicasMemoryAndReachability(
            @ForAll final long seed,
            @ForAll @IntRange(min = 1, max = 2) final int replicas,
            @ForAll @IntRange(min = 3, max = 8) final int nodeCount) {
        final Random random = new Random(seed);
        final int layers = 1 + random.nextInt(3);
        final int experts = nodeCount;
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < nodeCount; n++) {
            final double speed = random.nextBoolean() ? 1 : 0.5 + random.nextDouble();
            nodes.add(new NodeCapacity(3 * n, speed, layers * replicas + random.nextInt(layers * 3)));
        }
        final long[] ring = new long[layers * experts];
        Arrays.setAll(
                ring,
                unit -> 1L << (unit % nodeCount) | (replicas == 2 ? 1L << ((unit + 1) % experts % nodeCount) : 0));
        final Assignment before = new Assignment(layers, experts, ring);
        final RebalancePlanner planner =
                new RebalancePlanner(layers, experts, rules(replicas, 0.01, 0, 1 + random.nextInt(60)));
        final double[] rows = random.doubles((long) layers * experts)
                .map(x -> Math.ceil(Math.exp(6 * x)))
                .toArray();
        planner.observe(new LoadWindow(layers, experts, rows, rows));

        if (planner.plan(before.toNodesByUnit(nodes), nodes) instanceof final RebalancePlan.Move move) {
            final int[] held = new int[3 * nodeCount];
            for (final List<Integer> holders : move.nodesByUnit()) {
                assertThat(holders).hasSizeGreaterThanOrEqualTo(replicas);
                assertThat(new HashSet<>(holders)).hasSameSizeAs(holders);
                holders.forEach(node -> held[node]++);
            }
            for (final NodeCapacity node : nodes) {
                assertThat(held[node.nodeId()]).isLessThanOrEqualTo(node.unitCapacity());
            }
            final Assignment after = Assignment.of(experts, move.nodesByUnit(), nodes);
            assertThat(MoveRounds.reachable(before, after, nodes)).isTrue();
            assertThat(move.unitsLoaded()).isEqualTo(after.unitsLoadedSince(before));
            assertThat(move.savedNs()).isPositive();
        }
    }

    private static RebalanceRules rules(
            final int replicas, final double minGain, final double nsPerByte, final int maxUnits) {
        return new RebalanceRules(replicas, minGain, nsPerByte, maxUnits, 1, UNIT_BYTES, new Roofline(0, 10), 4, 0.05);
    }

    private static LoadWindow window(final int layers, final double[]... rows) {
        final double[] all = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
        return new LoadWindow(layers, all.length / layers, all, all);
    }

    private static LoadWindow window(final int layers, final double... rows) {
        return window(layers, new double[][] {rows});
    }

    private static List<List<Integer>> home(final int layers, final int experts, final int nodeCount) {
        return Assignment.home(layers, experts, nodeCount).toNodesByUnit(nodes(nodeCount, layers));
    }

    private static List<NodeCapacity> nodes(final int count, final int capacity) {
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            nodes.add(new NodeCapacity(n, 1, capacity));
        }
        return nodes;
    }

    private static RebalancePlan.Move move(final RebalancePlan plan) {
        assertThat(plan).as(plan.reason()).isInstanceOf(RebalancePlan.Move.class);
        return (RebalancePlan.Move) plan;
    }
}
