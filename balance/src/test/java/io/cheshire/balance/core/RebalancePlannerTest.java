package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
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

    /** The count is made here once more, by names. */
    @Property(tries = 300)
    void shouldNeverPutCopiesTogetherAndMoveThemApartWhereSlotsSuffice(
            @ForAll final long seed,
            @ForAll @IntRange(min = 2, max = 9) final int nodeCount,
            @ForAll @IntRange(min = 1, max = 4) final int racks,
            @ForAll @IntRange(min = 1, max = 3) final int replicas) {
        final Random random = new Random(seed);
        final int layers = 1 + random.nextInt(3);
        final int experts = 1 + random.nextInt(10);
        final int share = Math.ceilDiv(experts * replicas, nodeCount);
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < nodeCount; n++) {
            final String rack = random.nextInt(8) == 0 ? "" : "rack-" + random.nextInt(racks);
            final int capacity = layers * share + random.nextInt(layers * 3);
            nodes.add(new NodeCapacity(3 * n, random.nextBoolean() ? 1 : 0.5 + random.nextDouble(), capacity, rack));
        }
        final int stride = 1 + random.nextInt(racks);
        final List<List<Integer>> before = new ArrayList<>();
        for (int unit = 0; unit < layers * experts; unit++) {
            final List<Integer> holders = new ArrayList<>();
            for (int copy = 0; copy < Math.min(replicas, nodeCount); copy++) {
                holders.add(3 * ((unit + copy * stride) % nodeCount));
            }
            before.add(holders.stream().distinct().toList());
        }
        final double[] rows = random.doubles((long) layers * experts)
                .map(x -> Math.ceil(Math.exp(6 * x)))
                .toArray();
        final RebalancePlanner planner = new RebalancePlanner(layers, experts, rules(replicas, 0, 0, 1_000));
        planner.observe(new LoadWindow(layers, experts, rows, rows));

        if (planner.plan(before, nodes) instanceof final RebalancePlan.Move move) {
            final int[] slots = slotsByRackOfLayerWithFewest(nodes, layers, experts);
            for (int layer = 0; layer < layers; layer++) {
                final int then = sharing(before, nodes, layer, experts, replicas);
                final int now = sharing(move.nodesByUnit(), nodes, layer, experts, replicas);
                assertThat(now)
                        .as("units of layer " + layer + " that share a rack")
                        .isLessThanOrEqualTo(then);
                if (move.layers().contains(layer)) {
                    final int wanted = Math.min(replicas, slots.length);
                    final boolean possible =
                            Arrays.stream(slots).map(s -> Math.min(s, experts)).sum() >= wanted * experts;
                    assertThat(possible && now > 0)
                            .as(
                                    "%d units of layer %d share a rack though the slots by rack are %s",
                                    now, layer, Arrays.toString(slots))
                            .isFalse();
                }
            }
        }
    }

    /** Where all nodes are in one rack, or each in another, racks make no difference. */
    @Property(tries = 100)
    void shouldPlanTheSameWhetherRacksAreUnknownOrAllDifferentOrOne(
            @ForAll final long seed, @ForAll @IntRange(min = 2, max = 8) final int nodeCount) {
        final Random random = new Random(seed);
        final double[] rows =
                random.doubles(16).map(x -> Math.ceil(Math.exp(6 * x))).toArray();
        final List<RebalancePlan> plans = new ArrayList<>();
        for (final int kind : new int[] {0, 1, 2}) {
            final List<NodeCapacity> nodes = new ArrayList<>();
            for (int n = 0; n < nodeCount; n++) {
                final String rack = List.of("", "rack-" + n, "rack").get(kind);
                nodes.add(new NodeCapacity(n, 1, 2 * Math.ceilDiv(8, nodeCount) + 3, rack));
            }
            final RebalancePlanner planner = new RebalancePlanner(2, 8, rules(2, 0.01, 0, 100));
            planner.observe(new LoadWindow(2, 8, rows, rows));
            plans.add(planner.plan(home(2, 8, nodeCount), nodes));
        }
        assertThat(plans.get(1)).isEqualTo(plans.get(0));
        assertThat(plans.get(2)).isEqualTo(plans.get(0));
    }

    /** Slots by rack, in the layer that memory leaves fewest for: what is left over goes to the first layers. */
    private static int[] slotsByRackOfLayerWithFewest(
            final List<NodeCapacity> nodes, final int layers, final int experts) {
        final Map<String, Integer> slots = new TreeMap<>();
        nodes.forEach(node -> slots.merge(rackOf(node), Math.min(node.unitCapacity() / layers, experts), Integer::sum));
        return slots.values().stream().mapToInt(Integer::intValue).toArray();
    }

    private static String rackOf(final NodeCapacity node) {
        return node.failureDomain().isEmpty() ? "node " + node.nodeId() : node.failureDomain();
    }

    private static int sharing(
            final List<List<Integer>> placement,
            final List<NodeCapacity> nodes,
            final int layer,
            final int experts,
            final int replicas) {
        final long racks =
                nodes.stream().map(RebalancePlannerTest::rackOf).distinct().count();
        int sharing = 0;
        for (final List<Integer> holders : placement.subList(layer * experts, (layer + 1) * experts)) {
            final long apart = nodes.stream()
                    .filter(node -> holders.contains(node.nodeId()))
                    .map(RebalancePlannerTest::rackOf)
                    .distinct()
                    .count();
            sharing += apart < Math.min(holders.size(), Math.min(replicas, racks)) ? 1 : 0;
        }
        return sharing;
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
