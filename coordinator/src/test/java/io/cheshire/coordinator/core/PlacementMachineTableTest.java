package io.cheshire.coordinator.core;

import static io.cheshire.coordinator.core.Phase.FORMING;
import static io.cheshire.coordinator.core.Phase.PREPARING;
import static io.cheshire.coordinator.core.Phase.PUBLISHING;
import static io.cheshire.coordinator.core.Phase.RELEASING;
import static io.cheshire.coordinator.core.Phase.STEADY;
import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every (phase, event) pair. In each phase nodes 0 and 1 (and 2 where one joined late) and router 0 are members; the
 * event is about node 0 or router 0, or about a newcomer where it registers.
 */
class PlacementMachineTableTest {
    private static final PlacementRules RULES = Sim.rules(2, 1, 1);
    private static final PlacementMachine MACHINE = new PlacementMachine(RULES);
    private static final ExpertKey KEY = new ExpertKey(0, 0);
    private static final long NOW = 1_000 * Sim.MS;
    private static final int WALKS = 200;
    private static final int ACTIONS_PER_WALK = 150;

    /** The second table in the machine's comment: event → phase before → phase after. */
    private static final Map<String, Map<Phase, Phase>> TABLE = new LinkedHashMap<>();

    static {
        MachineTables.rows(PlacementMachine.class, 1, 6).forEach(row -> {
            final Map<Phase, Phase> after = new EnumMap<>(Phase.class);
            final Phase[] columns = Phase.values();
            for (int column = 0; column < columns.length; column++) {
                after.put(columns[column], Phase.valueOf(row.get(1 + column)));
            }
            TABLE.put(row.getFirst(), after);
        });
    }

    @Test
    void shouldDecideEveryEvent() {
        assertThat(TABLE.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        kinds(PlacementEvent.class).map(Class::getSimpleName).toList());
    }

    private static Stream<Class<?>> kinds(final Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(PlacementMachineTableTest::kinds)
                : Stream.of(type);
    }

    @TestFactory
    Stream<DynamicTest> shouldGoWhereTheTableSays() {
        final Map<Phase, PlacementState> states = states();
        final List<DynamicTest> tests = new ArrayList<>();
        TABLE.forEach((name, row) -> states.forEach((phase, state) ->
                tests.add(DynamicTest.dynamicTest(phase + " + " + name + " -> " + row.get(phase), () -> {
                    assertThat(state.phase()).isEqualTo(phase);
                    final PlacementState after =
                            MACHINE.step(state, event(name, state), NOW).state();
                    assertThat(after.phase()).isEqualTo(row.get(phase));
                }))));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> shouldIgnoreMembersOfAnotherIncarnation() {
        final Map<Phase, PlacementState> states = states();
        final List<PlacementEvent> strangers = List.of(
                new PlacementEvent.NodeHeard(0, 999, List.of()),
                new CoordinatorCommand.NodeLeaving(0, 999, "planned"),
                new PlacementEvent.NodeGone(0, 999, "killed"),
                new CoordinatorCommand.UnitLoaded(0, 999, Held.unit(KEY)),
                new CoordinatorCommand.UnitLoadFailed(0, 999, KEY, "broken"),
                new CoordinatorCommand.UnitDiffers(0, 999, Held.other(KEY, 1)),
                new CoordinatorCommand.UnitProbed(0, 999, 1, KEY, Held.ROUTER, ""),
                new CoordinatorCommand.UnitUnloaded(0, 999, KEY),
                new CoordinatorCommand.EpochAcknowledged(0, 999, 1, 1),
                new CoordinatorCommand.UnitUnavailable(0, 999, 1, List.of(KEY)),
                new PlacementEvent.RouterHeard(0, 999),
                new PlacementEvent.RouterGone(0, 999, "killed"));
        return strangers.stream()
                .flatMap(event -> states.entrySet().stream()
                        .map(entry -> DynamicTest.dynamicTest(entry.getKey() + " + " + event, () -> {
                            final PlacementMachine.Step step = MACHINE.step(entry.getValue(), event, NOW);
                            assertThat(step.state()).isEqualTo(entry.getValue());
                            assertThat(step.effects()).isEmpty();
                        })));
    }

    private static PlacementEvent event(final String name, final PlacementState state) {
        final long incarnation = 100;
        return switch (name) {
            case "NodeRegistered" -> new PlacementEvent.NodeRegistered(hello(7));
            case "NodeHeard" -> new PlacementEvent.NodeHeard(0, incarnation, Held.units(state.residentOn(0)));
            case "NodeLeaving" -> new CoordinatorCommand.NodeLeaving(0, incarnation, "planned");
            case "NodeGone" -> new PlacementEvent.NodeGone(0, incarnation, "killed");
            case "UnitLoaded" -> new CoordinatorCommand.UnitLoaded(0, incarnation, Held.unit(KEY));
            case "UnitLoadFailed" -> new CoordinatorCommand.UnitLoadFailed(0, incarnation, KEY, "broken");
            case "UnitDiffers" -> new CoordinatorCommand.UnitDiffers(0, incarnation, Held.other(KEY, 1));
            case "UnitUnloaded" -> new CoordinatorCommand.UnitUnloaded(0, incarnation, KEY);
            case "EpochSeen" -> new PlacementEvent.EpochSeen(Epochs.of(50, 99), "node 0");
            case "RouterRegistered" ->
                new PlacementEvent.RouterRegistered(new RouterHello("cheshire", "f00d", Held.ROUTER, 3, 8, 0, 0));
            case "EpochAcknowledged" ->
                new CoordinatorCommand.EpochAcknowledged(0, 5, state.placement().epoch(), RULES.publisher());
            case "UnitUnavailable" ->
                new CoordinatorCommand.UnitUnavailable(0, 5, state.placement().epoch(), List.of(KEY));
            case "RouterHeard" -> new PlacementEvent.RouterHeard(0, 5);
            case "RouterGone" -> new PlacementEvent.RouterGone(0, 5, "killed");
            case "LoadsReported" -> new PlacementEvent.LoadsReported(List.of(1L, 2L));
            case "Move" -> new OperatorRequest.Move(new ExpertKey(1, 1), 1, 0, "test");
            case "Replicas" -> new OperatorRequest.Replicas(2, "test");
            case "Rebalance" ->
                new PlacementEvent.Rebalance(Collections.nCopies(Sim.MODEL.unitCount(), List.of(0, 1)), "test");
            case "Drain" -> new OperatorRequest.Drain(0, "test");
            case "Undrain" -> new OperatorRequest.Undrain(0, "test");
            case "ScrubDue" -> new PlacementEvent.ScrubDue(7);
            case "UnitProbed" -> new CoordinatorCommand.UnitProbed(0, incarnation, 1, KEY, Held.ROUTER, "");
            case "Tick" -> new PlacementEvent.Tick();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** A state in each phase, reached by the events that lead there. */
    private static Map<Phase, PlacementState> states() {
        final Map<Phase, PlacementState> states = new EnumMap<>(Phase.class);
        PlacementState state = step(
                MACHINE.initial(0),
                new PlacementEvent.RouterRegistered(new RouterHello("cheshire", "f00d", Held.ROUTER, 0, 5, 0, 0)));
        state = step(state, new PlacementEvent.NodeRegistered(hello(0)));
        states.put(FORMING, state);
        state = step(state, new PlacementEvent.NodeRegistered(hello(1)));
        state = acknowledged(loadAll(state));
        states.put(STEADY, state);
        state = step(state, new PlacementEvent.NodeRegistered(hello(2)));
        states.put(PREPARING, state);
        state = loadAll(state);
        states.put(PUBLISHING, state);
        states.put(RELEASING, acknowledged(state));
        // So often that nothing is left to do now: what a stranger says must then change nothing at all.
        states.replaceAll(
                (phase, reached) -> step(step(reached, new PlacementEvent.Tick()), new PlacementEvent.Tick()));
        return states;
    }

    private static PlacementState loadAll(final PlacementState from) {
        PlacementState state = from;
        for (final int nodeId : from.nodes().keySet()) {
            for (final ExpertKey key : from.loadingOn(nodeId)) {
                state = step(state, new CoordinatorCommand.UnitLoaded(nodeId, 100 + nodeId, Held.unit(key)));
            }
        }
        return state;
    }

    private static PlacementState acknowledged(final PlacementState state) {
        return step(
                state,
                new CoordinatorCommand.EpochAcknowledged(0, 5, state.placement().epoch(), RULES.publisher()));
    }

    private static PlacementState step(final PlacementState state, final PlacementEvent event) {
        return MACHINE.step(state, event, NOW).state();
    }

    /** A node with room for a hundred units. */
    private static NodeHello hello(final int nodeId) {
        return DrivenMachine.hello(nodeId, 100 + nodeId, 1_000, List.of());
    }

    /**
     * The first table: in whatever way the members of a small cluster come, go and fail, no other steps are met, and
     * all are.
     */
    @Test
    void shouldTakeTheStepsThatItsCommentLists() {
        final SortedSet<String> listed = new TreeSet<>();
        MachineTables.rows(PlacementMachine.class, 0, 3).forEach(row -> listed.add(row.get(0) + " -> " + row.get(1)));
        final SortedSet<String> met = new TreeSet<>();
        for (long seed = 1; seed <= WALKS; seed++) {
            final Random random = new Random(seed);
            final Sim sim = new Sim(1 + random.nextInt(3), 4 + random.nextInt(20), 1 + random.nextInt(2));
            sim.watch((before, after) -> {
                if (before != after) {
                    met.add(before + " -> " + after);
                }
            });
            for (int i = 0; i < ACTIONS_PER_WALK; i++) {
                PlacementMachineProperties.anyAction(random).on(sim);
            }
        }

        states().forEach((phase, state) -> TABLE.keySet().forEach(event -> {
            final Phase after = step(state, event(event, state)).phase();
            if (after != phase) {
                met.add(phase + " -> " + after);
            }
        }));
        // Which neither meets, since a router soon acknowledges that nobody is there.
        PlacementState lost = states().get(PUBLISHING);
        for (final NodeMember node : List.copyOf(lost.nodes().values())) {
            lost = step(
                    lost,
                    new PlacementEvent.NodeGone(node.nodeId(), node.hello().incarnation(), "killed"));
        }
        met.add(lost.phase() + " -> "
                + step(lost, new PlacementEvent.NodeRegistered(hello(7))).phase());

        assertThat(met).isEqualTo(listed);
    }
}
