package io.cheshire.router.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.core.Phase;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
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
        void on(final ControlRig rig) {
            final Random random = new Random(choice);
            switch (kind) {
                case JOIN -> rig.join(choice % 6);
                case LEAVE -> rig.leave(choice % 6);
                case KILL -> rig.kill(choice % 6);
                case JOIN_ROUTER -> rig.joinRouter(choice % 2);
                case KILL_ROUTER -> rig.killRouter(choice % 2);
                case DELIVER -> rig.deliver(choice);
                case DELIVER_MANY -> {
                    for (int i = 0; i < 30; i++) {
                        rig.deliver(choice + i * 7);
                    }
                }
                case TICK -> rig.tick();
                case LOADS_FAIL -> rig.loadsFail(true);
                case LOADS_WORK -> rig.loadsFail(false);
                case MOVE -> rig.ask(new OperatorRequest.Move(unit(choice), choice % 6, choice / 7 % 6, "test"));
                case REPLICAS -> rig.ask(new OperatorRequest.Replicas(1 + choice % 3, "test"));
                case DRAIN -> rig.ask(new OperatorRequest.Drain(choice % 6, "test"));
                case UNDRAIN -> rig.ask(new OperatorRequest.Undrain(choice % 6, "test"));
                case SILENCE -> rig.silence(choice * 4L, choice % 64);
                case LOADS -> rig.serve(random);
                case HINT -> rig.hint(choice % 2, unit(choice));
                case NEW_COORDINATOR -> rig.startCoordinator();
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
        return ExpertKey.ofUnitIndex(choice % ControlRig.MODEL.unitCount(), ControlRig.MODEL.expertsPerLayer());
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

    /**
     * Found by these properties: a coordinator publishes before anybody of its predecessor's comes back, and its
     * epoch's number happens to be the higher one.
     */
    @Example
    void shouldReleaseNothingThatAPredecessorsRouterUsesWhoComesBackLate() {
        final ControlRig rig = new ControlRig(1, 2 * ControlRig.MODEL.unitCount(), 2);

        Stream.of(
                        new Action(Kind.JOIN, 0),
                        new Action(Kind.JOIN, 1),
                        new Action(Kind.LEAVE, 2),
                        new Action(Kind.DELIVER_MANY, 825),
                        new Action(Kind.DELIVER, 31),
                        new Action(Kind.DELIVER_MANY, 9),
                        new Action(Kind.JOIN_ROUTER, 715),
                        new Action(Kind.MOVE, 66),
                        new Action(Kind.TICK, 301),
                        new Action(Kind.DELIVER, 29),
                        new Action(Kind.DELIVER_MANY, 2),
                        new Action(Kind.MOVE, 22),
                        new Action(Kind.DELIVER, 467),
                        new Action(Kind.DELIVER, 209),
                        new Action(Kind.NEW_COORDINATOR, 0),
                        new Action(Kind.JOIN, 201),
                        new Action(Kind.HINT, 35),
                        new Action(Kind.DELIVER, 196),
                        new Action(Kind.DELIVER_MANY, 99),
                        new Action(Kind.LOADS_WORK, 0),
                        new Action(Kind.TICK, 41))
                .forEach(action -> action.on(rig));

        assertThat(rig.routers.values()).allMatch(router -> router.fence().epoch() > 0);
    }

    @Property(tries = 100)
    void shouldPlaceEveryUnitOnDistinctNodesWhateverHappened(
            @ForAll("actions") final List<Action> actions,
            @ForAll @IntRange(min = 1, max = 4) final int expectedNodes,
            @ForAll @IntRange(min = 1, max = 3) final int replicas) {
        final ControlRig rig = new ControlRig(expectedNodes, 2 * ControlRig.MODEL.unitCount(), replicas);
        actions.forEach(action -> action.on(rig));
        rig.quiesce();

        final List<Integer> staying = rig.stayingNodes();
        assertThat(rig.nodes.keySet()).as("all that wanted to leave left").containsExactlyElementsOf(staying);
        if (staying.isEmpty()) {
            assertThat(rig.state().placement().nodesByUnit()).allMatch(List::isEmpty);
            return;
        }
        assertThat(rig.state().phase()).as(rig.state().toString()).isEqualTo(Phase.STEADY);
        final int copies = Math.min(rig.state().replicas(), staying.size());
        for (int unit = 0; unit < ControlRig.MODEL.unitCount(); unit++) {
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, ControlRig.MODEL.expertsPerLayer());
            final List<Integer> listed = rig.state().placement().nodesByUnit().get(unit);
            assertThat(listed).as("nodes of " + key).hasSize(copies).doesNotHaveDuplicates();
            rig.nodes.forEach((nodeId, node) -> assertThat(node.holds(key))
                    .as("node " + nodeId + " holds " + key)
                    .isEqualTo(listed.contains(nodeId)));
        }
        assertThat(rig.state().atTarget()).isTrue();
        rig.routers
                .values()
                .forEach(router -> assertThat(router.usesOnly(rig.state().placement()))
                        .as(router.toString())
                        .isTrue());
    }

    @Property(tries = 200)
    void shouldServeAsManyUnitsAsFitWithoutFillingANodeBeyondItsMemory(
            @ForAll("actions") final List<Action> actions,
            @ForAll @IntRange(min = 1, max = 10) final int unitsOfMemory,
            @ForAll @IntRange(min = 1, max = 3) final int replicas) {
        final ControlRig rig = new ControlRig(3, unitsOfMemory, replicas);
        actions.forEach(action -> action.on(rig));
        rig.quiesce();

        final TreeSet<Integer> listed = new TreeSet<>();
        rig.state().placement().nodesByUnit().forEach(listed::addAll);
        assertThat(rig.nodes.keySet()).containsAll(listed);
        final long served = rig.state().placement().nodesByUnit().stream()
                .filter(nodes -> !nodes.isEmpty())
                .count();
        assertThat(served)
                .as("units served by " + rig.nodes.size() + " nodes of " + unitsOfMemory + " units")
                .isEqualTo(Math.min(ControlRig.MODEL.unitCount(), (long) unitsOfMemory * rig.nodes.size()));
    }
}
