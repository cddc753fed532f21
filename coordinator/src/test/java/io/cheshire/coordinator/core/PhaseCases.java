package io.cheshire.coordinator.core;

import static io.cheshire.coordinator.core.Phase.FORMING;
import static io.cheshire.coordinator.core.Phase.PREPARING;
import static io.cheshire.coordinator.core.Phase.PUBLISHING;
import static io.cheshire.coordinator.core.Phase.RELEASING;
import static io.cheshire.coordinator.core.Phase.STEADY;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A state in each phase, and an event of each kind. In each phase nodes 0 and 1 (and 2 where one joined late) and
 * router 0 are members.
 */
final class PhaseCases {
    static final PlacementRules RULES = TestRules.placement(2, 1, 1);
    static final PlacementMachine MACHINE = new PlacementMachine(RULES);
    static final ExpertKey KEY = new ExpertKey(0, 0);
    static final long NOW = 1_000 * TestRules.MS;

    private PhaseCases() {}

    /** Names of all kinds of events. */
    static List<String> kinds() {
        return kinds(PlacementEvent.class).map(Class::getSimpleName).toList();
    }

    private static Stream<Class<?>> kinds(final Class<?> type) {
        return type.isSealed() ? Stream.of(type.getPermittedSubclasses()).flatMap(PhaseCases::kinds) : Stream.of(type);
    }

    /** An event of this kind about node 0 or router 0, or about a newcomer where it registers. */
    static PlacementEvent event(final String name, final PlacementState state) {
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
                new PlacementEvent.Rebalance(Collections.nCopies(TestRules.MODEL.unitCount(), List.of(0, 1)), "test");
            case "Drain" -> new OperatorRequest.Drain(0, "test");
            case "Undrain" -> new OperatorRequest.Undrain(0, "test");
            case "ScrubDue" -> new PlacementEvent.ScrubDue(7);
            case "UnitProbed" -> new CoordinatorCommand.UnitProbed(0, incarnation, 1, KEY, Held.ROUTER, "");
            case "Tick" -> new PlacementEvent.Tick();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** A state in each phase, reached by the events that lead there. */
    static Map<Phase, PlacementState> states() {
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

    static PlacementState step(final PlacementState state, final PlacementEvent event) {
        return MACHINE.step(state, event, NOW).state();
    }

    /** A node with room for a hundred units. */
    static NodeHello hello(final int nodeId) {
        return DrivenMachine.hello(nodeId, 100 + nodeId, 1_000, List.of());
    }
}
