package io.cheshire.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/**
 * Whatever joins, leaves, dies, fails and is wished for in whatever order: the promises hold, and in the end all is
 * placed.
 */
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
        MOVE,
        REPLICAS,
        DRAIN,
        UNDRAIN,
        HINT,
        SILENCE,
        LOADS,
        NEW_COORDINATOR
    }

    record Action(Kind kind, int choice) {
        void on(final Sim sim) {
            final Random random = new Random(choice);
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
                case MOVE -> sim.ask(new OperatorRequest.Move(unit(choice), choice % 6, choice / 7 % 6, "test"));
                case REPLICAS -> sim.ask(new OperatorRequest.Replicas(1 + choice % 3, "test"));
                case DRAIN -> sim.ask(new OperatorRequest.Drain(choice % 6, "test"));
                case UNDRAIN -> sim.ask(new OperatorRequest.Undrain(choice % 6, "test"));
                case SILENCE -> sim.silence(choice * 4L, choice % 64);
                case LOADS -> sim.serve(random);
                case HINT -> sim.hint(choice % 2, unit(choice));
                case NEW_COORDINATOR -> sim.startCoordinator();
            }
        }
    }

    /** One action, the common ones more often. */
    static Action anyAction(final Random random) {
        final Kind[] kinds = Kind.values();
        return new Action(
                random.nextInt(3) == 0 ? kinds[random.nextInt(kinds.length)] : Kind.DELIVER_MANY,
                random.nextInt(1_000));
    }

    private static ExpertKey unit(final int choice) {
        return ExpertKey.ofUnitIndex(choice % Sim.MODEL.unitCount(), Sim.MODEL.expertsPerLayer());
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
                Tuple.of(3, Kind.MOVE),
                Tuple.of(1, Kind.REPLICAS),
                Tuple.of(1, Kind.DRAIN),
                Tuple.of(1, Kind.UNDRAIN),
                Tuple.of(2, Kind.HINT),
                Tuple.of(2, Kind.SILENCE),
                Tuple.of(1, Kind.LOADS),
                Tuple.of(1, Kind.NEW_COORDINATOR));
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 1_000))
                .as(Action::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(120);
    }

    @Property(tries = 100)
    void shouldPlaceEveryUnitOnDistinctNodesWhateverHappened(
            @ForAll("actions") final List<Action> actions,
            @ForAll @IntRange(min = 1, max = 4) final int expectedNodes,
            @ForAll @IntRange(min = 1, max = 3) final int replicas) {
        final Sim sim = new Sim(expectedNodes, 2 * Sim.MODEL.unitCount(), replicas);
        actions.forEach(action -> action.on(sim));
        sim.joinRouter(0); // while there is none, a successor frees nothing: its predecessor's may still use it
        sim.quiesce();

        final List<Integer> staying = sim.stayingNodes();
        assertThat(sim.nodes.keySet()).as("all that wanted to leave left").containsExactlyElementsOf(staying);
        if (staying.isEmpty()) {
            assertThat(sim.state.placement().nodesByUnit()).allMatch(List::isEmpty);
            return;
        }
        assertThat(sim.state.phase()).as(sim.state.toString()).isEqualTo(Phase.STEADY);
        final int copies = Math.min(sim.state.replicas(), staying.size());
        for (int unit = 0; unit < Sim.MODEL.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, Sim.MODEL.expertsPerLayer());
            final List<Integer> listed = sim.state.placement().nodesByUnit().get(unit);
            assertThat(listed).as("nodes of " + key).hasSize(copies).doesNotHaveDuplicates();
            sim.nodes.forEach((nodeId, node) -> assertThat(node.resident.contains(key))
                    .as("node " + nodeId + " holds " + key)
                    .isEqualTo(listed.contains(nodeId)));
        }
        assertThat(sim.state.atTarget()).isTrue();
        sim.routers.values().forEach(router -> assertThat(router.used).isEqualTo(sim.state.placement()));
    }

    @Property(tries = 200)
    void shouldServeAsManyUnitsAsFitWithoutFillingANodeBeyondItsMemory(
            @ForAll("actions") final List<Action> actions,
            @ForAll @IntRange(min = 1, max = 10) final int unitsOfMemory,
            @ForAll @IntRange(min = 1, max = 3) final int replicas) {
        final Sim sim = new Sim(3, unitsOfMemory, replicas);
        actions.forEach(action -> action.on(sim));
        sim.quiesce();

        final TreeSet<Integer> listed = new TreeSet<>();
        sim.state.placement().nodesByUnit().forEach(listed::addAll);
        assertThat(sim.nodes.keySet()).containsAll(listed);
        final long served = sim.state.placement().nodesByUnit().stream()
                .filter(nodes -> !nodes.isEmpty())
                .count();
        assertThat(served)
                .as("units served by " + sim.nodes.size() + " nodes of " + unitsOfMemory + " units")
                .isEqualTo(Math.min(Sim.MODEL.unitCount(), (long) unitsOfMemory * sim.nodes.size()));
    }
}
