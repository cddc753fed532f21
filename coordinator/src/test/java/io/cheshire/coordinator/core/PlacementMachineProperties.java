package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** Whatever joins, leaves, dies and fails in whatever order: the promises hold, and in the end everything is at home. */
class PlacementMachineProperties {
    private enum Kind {
        JOIN,
        LEAVE,
        KILL,
        JOIN_ROUTER,
        KILL_ROUTER,
        DELIVER,
        DELIVER_MANY,
        TICK,
        LOADS_FAIL,
        LOADS_WORK,
        NEW_COORDINATOR
    }

    record Action(Kind kind, int choice) {
        void on(final Sim sim) {
            switch (kind) {
                case JOIN -> sim.join(choice % 6);
                case LEAVE -> sim.leave(choice % 6);
                case KILL -> sim.kill(choice % 6);
                case JOIN_ROUTER -> sim.joinRouter(choice % 2);
                case KILL_ROUTER -> sim.killRouter(choice % 2);
                case DELIVER -> sim.deliver(choice);
                case DELIVER_MANY -> {
                    for (int i = 0; i < 30; i++) {
                        sim.deliver(choice + i * 7);
                    }
                }
                case TICK -> sim.tick();
                case LOADS_FAIL -> sim.loadsFail = true;
                case LOADS_WORK -> sim.loadsFail = false;
                case NEW_COORDINATOR -> sim.startCoordinator();
            }
        }
    }

    @Provide
    Arbitrary<List<Action>> actions() {
        final Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(6, Kind.JOIN),
                Tuple.of(2, Kind.LEAVE),
                Tuple.of(2, Kind.KILL),
                Tuple.of(3, Kind.JOIN_ROUTER),
                Tuple.of(1, Kind.KILL_ROUTER),
                Tuple.of(20, Kind.DELIVER),
                Tuple.of(8, Kind.DELIVER_MANY),
                Tuple.of(6, Kind.TICK),
                Tuple.of(1, Kind.LOADS_FAIL),
                Tuple.of(1, Kind.LOADS_WORK),
                Tuple.of(1, Kind.NEW_COORDINATOR));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 1_000))
                .as(Action::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(120);
    }

    @Property(tries = 400)
    void shouldComeHomeWhateverHappened(
            @ForAll("actions") final List<Action> actions,
            @ForAll @IntRange(min = 1, max = 4) final int expectedNodes) {
        final Sim sim = new Sim(expectedNodes, 2 * Sim.MODEL.unitCount());
        actions.forEach(action -> action.on(sim));
        sim.quiesce();

        final List<Integer> staying = sim.stayingNodes();
        assertThat(sim.nodes.keySet()).as("all that wanted to leave left").containsExactlyElementsOf(staying);
        if (staying.isEmpty()) {
            assertThat(sim.state.placement().nodesByUnit()).allMatch(List::isEmpty);
            return;
        }
        assertThat(sim.state.phase()).isEqualTo(Phase.STEADY);
        for (int unit = 0; unit < Sim.MODEL.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, Sim.MODEL.expertsPerLayer());
            final int home = staying.get(key.expert() % staying.size());
            assertThat(sim.state.placement().nodesByUnit().get(unit)).containsExactly(home);
            sim.nodes.forEach((nodeId, node) -> assertThat(node.resident.contains(key))
                    .as("node " + nodeId + " holds " + key)
                    .isEqualTo(nodeId == home));
        }
        sim.routers.values().forEach(router -> assertThat(router.used).isEqualTo(sim.state.placement()));
    }

    @Property(tries = 200)
    void shouldNeverFillANodeBeyondItsMemory(
            @ForAll("actions") final List<Action> actions,
            @ForAll @IntRange(min = 1, max = 10) final int unitsOfMemory) {
        final Sim sim = new Sim(3, unitsOfMemory);
        actions.forEach(action -> action.on(sim));
        sim.quiesce();

        final TreeSet<Integer> listed = new TreeSet<>();
        sim.state.placement().nodesByUnit().forEach(listed::addAll);
        assertThat(sim.nodes.keySet()).containsAll(listed);
    }
}
