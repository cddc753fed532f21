package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Units on several nodes: who gets them, when, and what happens when a node or memory is lost. Four nodes, 2 x 5 units.
 */
class ReplicasTest extends DrivenMachine {
    private static final long MS = TestRules.MS;
    private static final PlacedModel MODEL = TestRules.MODEL;
    private static final int NODES = 4;

    ReplicasTest() {
        super(TestRules.placement(NODES, 1, 2));
    }

    @Test
    void shouldServeTheHomesFirstAndReplicasLater() {
        join(1_000);
        loadOnce();

        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(1);
        assertThat(state.placement().nodesByUnit()).allMatch(nodes -> nodes.size() == 1);
        assertThat(state.phase()).isEqualTo(Phase.PREPARING);
        loadAll();

        assertThat(Epochs.round(state.placement().epoch())).isEqualTo(2);
        assertThat(state.placement().nodesOf(new ExpertKey(0, 0))).containsExactly(0, 1);
        assertThat(state.placement().nodesOf(new ExpertKey(0, 1))).containsExactly(1, 2);
        assertThat(state.placement().nodesByUnit())
                .allMatch(nodes -> nodes.size() == 2 && !nodes.get(0).equals(nodes.get(1)));
    }

    @Test
    void shouldGiveTheMostLoadedUnitsReplicasWhereMemoryIsShort() {
        on(new PlacementEvent.LoadsReported(rows(Map.of(new ExpertKey(0, 3), 90L, new ExpertKey(1, 4), 80L))));
        join(30);
        loadAll();

        final List<ExpertKey> doubled = units().stream()
                .filter(key -> state.placement().nodesOf(key).size() == 2)
                .toList();
        assertThat(doubled)
                .as("memory for 12 units, 10 homes")
                .containsExactly(new ExpertKey(0, 3), new ExpertKey(1, 4));
        assertThat(state.unitsShortOfReplicas()).hasSize(8);
    }

    @Test
    void shouldGoOnWithoutALostNodeAndReplaceOnlyWhatItHeld() {
        steady(1_000);
        final Map<ExpertKey, List<Integer>> before = placement();
        effects.clear();

        on(new PlacementEvent.NodeGone(2, 102, "killed"));

        assertThat(state.unitsWithoutNode()).isEmpty();
        loadAll();
        acknowledge();
        before.forEach((key, nodes) -> {
            final List<Integer> stayed =
                    nodes.stream().filter(node -> node != 2).toList();
            assertThat(placement().get(key)).hasSize(2).doesNotContain(2).containsAll(stayed);
        });
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();
    }

    @Test
    void shouldGiveTheNodeThatComesBackAFairShare() {
        steady(1_000);
        on(new PlacementEvent.NodeGone(2, 102, "killed"));
        loadAll();
        acknowledge();

        nowNs += 2_000 * MS;
        on(new PlacementEvent.NodeRegistered(hello(2, 202, 1_000, List.of())));
        loadAll();
        acknowledge();

        assertThat(state.phase()).isEqualTo(Phase.RELEASING);
        for (int layer = 0; layer < MODEL.layers(); layer++) {
            final int of = layer;
            final long share = units().stream()
                    .filter(key -> key.layer() == of && placement().get(key).contains(2))
                    .count();
            assertThat(share).isEqualTo(2);
        }
        assertThat(placement().values()).allMatch(nodes -> nodes.size() == 2);
    }

    @Test
    void shouldTakeAReplicasPlaceForAUnitWithoutNodeWhereMemoryIsFull() {
        // Four nodes of 5 units: 20 places for 10 units twice. Losing two leaves 10 places.
        steady(50);
        on(new PlacementEvent.NodeGone(0, 100, "killed"));
        on(new PlacementEvent.NodeGone(1, 101, "killed"));
        assertThat(state.unitsWithoutNode()).isNotEmpty();
        for (int round = 0; round < 10; round++) {
            loadAll();
            acknowledge();
            unloadAll();
        }

        assertThat(state.unitsWithoutNode()).isEmpty();
        assertThat(placement().values()).allMatch(nodes -> nodes.size() == 1);
    }

    @Test
    void shouldLoadUnitsNobodyServesBeforeReplicas() {
        machine = new PlacementMachine(fewOpenLoads());
        steady(1_000);
        on(new OperatorRequest.Replicas(1, "test"));
        acknowledge();
        unloadAll();
        effects.clear();
        on(new PlacementEvent.NodeGone(3, 103, "killed"));
        on(new OperatorRequest.Replicas(2, "test"));

        final List<ExpertKey> lonely = state.unitsWithoutNode();
        assertThat(lonely).isNotEmpty();
        final List<ExpertKey> firstLoads = effects(PlacementEffect.Load.class).stream()
                .flatMap(load -> load.keys().stream())
                .limit(lonely.size())
                .toList();
        assertThat(firstLoads).containsExactlyInAnyOrderElementsOf(lonely);
    }

    @Test
    void shouldLoadASilentNodesUnitsElsewhereAndTakeNothingFromIt() {
        steady(1_000);
        final Map<ExpertKey, List<Integer>> before = placement();
        effects.clear();
        hearAllBut(2, 4_000);

        assertThat(notes(ClusterEvent.Kind.RESCUE)).hasSize(1);
        loadAll();
        acknowledge();
        before.forEach((key, nodes) ->
                assertThat(placement().get(key)).containsAll(nodes).hasSize(nodes.contains(2) ? 3 : 2));
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();

        hearAllBut(-1, 5_000);
        acknowledge();
        unloadAll();
        assertThat(placement()).as("it is back: as before").isEqualTo(before);
    }

    @Test
    void shouldKeepWhatWasLoadedElsewhereWhenTheNodeIsGoneForGood() {
        steady(1_000);
        hearAllBut(2, 4_000);
        loadAll();
        acknowledge();
        effects.clear();

        on(new PlacementEvent.NodeGone(2, 102, "unreachable"));

        assertThat(placement().values()).allMatch(nodes -> nodes.size() == 2 && !nodes.contains(2));
        assertThat(effects(PlacementEffect.Load.class)).isEmpty();
    }

    @Test
    void shouldNotTakeItsOwnPauseForTheSilenceOfOthers() {
        steady(1_000);
        effects.clear();
        nowNs += 60_000 * MS;

        on(new PlacementEvent.NodeHeard(0, 100, Held.units(state.residentOn(0))));
        on(new PlacementEvent.Tick());

        assertThat(notes(ClusterEvent.Kind.RESCUE)).isEmpty();
        assertThat(effects(PlacementEffect.Load.class)).isEmpty();
    }

    @Test
    void shouldChangeNothingButTheTimeWhenANodeReportsWhatIsKnown() {
        steady(1_000);
        effects.clear();
        final PlacementState before = state;
        nowNs += 100 * MS;

        on(new PlacementEvent.NodeHeard(0, 100, Held.units(before.residentOn(0))));

        assertThat(effects).isEmpty();
        assertThat(state.isHeardSince(0, nowNs)).isTrue();
        assertThat(state.placement()).isEqualTo(before.placement());
        assertThat(state.nodes().get(0))
                .usingRecursiveComparison()
                .ignoringFields("heardNs")
                .isEqualTo(before.nodes().get(0));
    }

    @Test
    void shouldMissAUnitThatAReportNamesTwiceInAnothersPlace() {
        steady(1_000);
        final List<ExpertKey> held = new ArrayList<>(state.residentOn(0));
        final ExpertKey lost = held.set(1, held.getFirst());

        on(new PlacementEvent.NodeHeard(0, 100, Held.units(held)));

        assertThat(state.residentOn(0)).doesNotContain(lost);
        assertThat(state.placement().nodesOf(lost)).doesNotContain(0);
    }

    @Test
    void shouldLoadAUnitElsewhereOnceEveryRouterGetsNoAnswer() {
        steady(1_000);
        on(new PlacementEvent.RouterRegistered(new RouterHello("cheshire", "f00d", Held.ROUTER, 1, 6, 0, 0)));
        on(new CoordinatorCommand.EpochAcknowledged(1, 6, state.placement().epoch(), 1));
        final ExpertKey key = new ExpertKey(1, 2);
        final List<Integer> before = state.placement().nodesOf(key);
        effects.clear();

        on(new CoordinatorCommand.UnitUnavailable(0, 5, state.placement().epoch(), List.of(key)));
        assertThat(effects(PlacementEffect.Load.class))
                .as("one router alone may be cut off")
                .isEmpty();
        on(new CoordinatorCommand.UnitUnavailable(1, 6, state.placement().epoch(), List.of(key)));

        assertThat(effects(PlacementEffect.Load.class))
                .isNotEmpty()
                .allSatisfy(load -> assertThat(load.keys()).containsExactly(key));
        loadAll();
        assertThat(state.placement().nodesOf(key)).containsAll(before).hasSize(4);
        assertThat(effects(PlacementEffect.Unload.class)).isEmpty();
    }

    private PlacementRules fewOpenLoads() {
        return TestRules.withOpenLoads(TestRules.placement(NODES, 1, 2), 2);
    }

    private void steady(final long memoryBytes) {
        registerRouter();
        join(memoryBytes);
        loadAll();
        acknowledge();
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
        assertThat(state.unitsShortOfReplicas()).isEmpty();
    }

    private void join(final long memoryBytes) {
        join(NODES, memoryBytes);
    }

    /** Every node but one reports each half second. */
    private void hearAllBut(final int silent, final long forMs) {
        for (long ms = 0; ms < forMs; ms += 500) {
            hearAllButAfter(silent, 500);
        }
    }

    private Map<ExpertKey, List<Integer>> placement() {
        final Map<ExpertKey, List<Integer>> placement = new HashMap<>();
        units().forEach(key -> placement.put(key, state.placement().nodesOf(key)));
        return placement;
    }

    private static List<Long> rows(final Map<ExpertKey, Long> rows) {
        return units().stream().map(key -> rows.getOrDefault(key, 0L)).toList();
    }
}
