package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operators and the balancer may want, and what becomes of it. Three nodes, one copy of each of 2 x 5 units. */
class OperatorRequestsTest extends DrivenMachine {
    private static final ExpertKey KEY = new ExpertKey(1, 1);
    /** Room for six units. */
    private static final long MEMORY_BYTES = 60;

    OperatorRequestsTest() {
        super(TestRules.placement(3, 1, 1));
    }

    @Test
    void shouldMoveAUnitInThreePhases() {
        form();
        on(new OperatorRequest.Move(KEY, 1, 2, "test"));
        assertThat(answer().accepted()).isTrue();
        assertThat(effects(PlacementEffect.Load.class))
                .containsExactly(new PlacementEffect.Load(2, Epochs.of(2, 1), List.of(KEY), List.of(Held.unit(KEY))));
        assertThat(state.placement().nodesOf(KEY)).as("until it is loaded").containsExactly(1);

        on(new CoordinatorCommand.UnitLoaded(2, 102, Held.unit(KEY)));
        assertThat(state.placement().nodesOf(KEY)).containsExactly(2);
        assertThat(effects(PlacementEffect.Unload.class))
                .as("before the router acknowledged")
                .isEmpty();

        acknowledge();
        assertThat(effects(PlacementEffect.Unload.class))
                .hasSize(1)
                .allMatch(unload -> unload.nodeId() == 1 && unload.keys().equals(List.of(KEY)));
        on(new CoordinatorCommand.UnitUnloaded(1, 101, KEY));
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
        assertThat(state.atTarget()).isTrue();
    }

    @Test
    void shouldKeepAMoveWhenOthersJoinAndGo() {
        form();
        on(new OperatorRequest.Move(KEY, 1, 2, "test"));
        on(new CoordinatorCommand.UnitLoaded(2, 102, Held.unit(KEY)));
        acknowledge();
        on(new PlacementEvent.NodeGone(0, 100, "killed"));

        assertThat(state.targetNodesByUnit().get(KEY.unitIndex(5))).containsExactly(2);
    }

    @Test
    void shouldFinishOrUndoAMoveWhenTheCoordinatorIsLostMidway() {
        form();
        on(new OperatorRequest.Move(KEY, 1, 2, "test"));
        on(new CoordinatorCommand.UnitLoaded(2, 102, Held.unit(KEY)));
        final PlacementMachine successor = new PlacementMachine(TestRules.placement(3, 2, 1));
        PlacementState after = successor.initial(0);
        after = successor
                .step(
                        after,
                        new PlacementEvent.RouterRegistered(
                                new RouterHello("cheshire", "f00d", Held.ROUTER, 0, 5, Epochs.of(1, 1), 1)),
                        0)
                .state();
        for (int nodeId = 0; nodeId < 3; nodeId++) {
            after = successor
                    .step(
                            after,
                            new PlacementEvent.NodeRegistered(
                                    hello(nodeId, 100 + nodeId, MEMORY_BYTES, state.residentOn(nodeId))),
                            0)
                    .state();
        }

        assertThat(after.placement().epoch())
                .as("above the epoch that the router never heard of, in number too")
                .isGreaterThan(state.placement().epoch());
        assertThat(after.unitsWithoutNode()).isEmpty();
        assertThat(after.targetNodesByUnit()).allMatch(nodes -> nodes.size() == 1);
    }

    @Test
    void shouldRefuseAMoveThatCannotBe() {
        form();
        refused(new OperatorRequest.Move(new ExpertKey(7, 1), 1, 2, ""), "layers 0 to 1");
        refused(new OperatorRequest.Move(KEY, 0, 2, ""), "node 0 is not to hold it");
        refused(new OperatorRequest.Move(KEY, 1, 1, ""), "already");
        refused(new OperatorRequest.Move(KEY, 1, 9, ""), "no member");
        refused(new OperatorRequest.Replicas(0, ""), "from 1 to");
        refused(new PlacementEvent.Rebalance(List.of(List.of(0)), ""), "10");
        refused(new OperatorRequest.Drain(9, ""), "no member");
        on(new OperatorRequest.Drain(2, ""));
        refused(new OperatorRequest.Move(KEY, 1, 2, ""), "drains");
    }

    @Test
    void shouldRefuseAMoveToANodeWithoutRoom() {
        form();
        int moved = 0;
        for (int unit = 0; unit < TestRules.MODEL.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, 5);
            final int from = state.targetNodesByUnit().get(unit).getFirst();
            if (from != 2) {
                on(new OperatorRequest.Move(key, from, 2, ""));
                moved += answer().accepted() ? 1 : 0;
            }
        }
        assertThat(moved).as("memory for 6 units, 2 at home").isEqualTo(4);
        assertThat(answer().reason()).contains("memory for 6 units");
    }

    @Test
    void shouldDrainANodeWhileItServes() {
        form();
        on(new OperatorRequest.Drain(1, "new disk"));
        assertThat(state.isDraining(1)).isTrue();
        assertThat(state.unitsWithoutNode()).isEmpty();
        assertThat(state.placement().nodesOf(KEY)).containsExactly(1);

        loadAll();
        assertThat(state.placement().nodesByUnit()).noneMatch(nodes -> nodes.contains(1));
        assertThat(state.isUnused(1)).as("before the router acknowledged").isFalse();
        acknowledge();
        assertThat(state.isUnused(1)).isTrue();
        state.residentOn(1).forEach(key -> on(new CoordinatorCommand.UnitUnloaded(1, 101, key)));

        on(new OperatorRequest.Undrain(1, "disk is in"));
        loadAll();
        assertThat(state.placement().nodesByUnit().stream().filter(nodes -> nodes.contains(1)))
                .as("its share: a third of five units in each of two layers")
                .hasSize(2);
    }

    @Test
    void shouldGoWhereTheBalancerWants() {
        form();
        final List<List<Integer>> wanted = new ArrayList<>(state.placement().nodesByUnit());
        wanted.set(0, List.of(2, 0));
        on(new PlacementEvent.Rebalance(wanted, "hot"));
        loadAll();
        acknowledge();

        assertThat(state.placement().nodesByUnit()).isEqualTo(wanted);
    }

    private void form() {
        registerRouter();
        for (int nodeId = 0; nodeId < 3; nodeId++) {
            on(new PlacementEvent.NodeRegistered(hello(nodeId, 100 + nodeId, MEMORY_BYTES, List.of())));
        }
        loadAll();
        acknowledge();
        assertThat(state.phase()).isEqualTo(Phase.STEADY);
        effects.clear();
    }

    private void refused(final PlacementEvent wish, final String words) {
        final List<List<Integer>> before = state.targetNodesByUnit();
        on(wish);
        assertThat(answer().accepted()).isFalse();
        assertThat(answer().reason()).contains(words);
        assertThat(state.targetNodesByUnit()).isEqualTo(before);
    }

    private PlacementEffect.Answer answer() {
        return effects(PlacementEffect.Answer.class).getLast();
    }
}
