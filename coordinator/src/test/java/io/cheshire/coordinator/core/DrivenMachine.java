package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A placement machine that a test drives event by event, with one router, of incarnation 5, and what the machine asked
 * for so far.
 */
abstract class DrivenMachine {
    final List<PlacementEffect> effects = new ArrayList<>();
    PlacementMachine machine;
    PlacementState state;
    long nowNs;

    DrivenMachine(final PlacementRules rules) {
        machine = new PlacementMachine(rules);
        state = machine.initial(0);
    }

    final void on(final PlacementEvent event) {
        final PlacementMachine.Step step = machine.step(state, event, nowNs);
        state = step.state();
        effects.addAll(step.effects());
    }

    final <T extends PlacementEffect> List<T> effects(final Class<T> type) {
        return effects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    final List<String> notes(final ClusterEvent.Kind kind) {
        return effects(PlacementEffect.Note.class).stream()
                .filter(note -> note.kind() == kind)
                .map(PlacementEffect.Note::reason)
                .toList();
    }

    final void registerRouter() {
        on(new PlacementEvent.RouterRegistered(new RouterHello("cheshire", "f00d", Held.ROUTER, 0, 5, 0, 0)));
    }

    /** Nodes 0 to {@code count} - 1 of incarnation 100 and up, which hold nothing. */
    final void join(final int count, final long memoryBytes) {
        for (int nodeId = 0; nodeId < count; nodeId++) {
            on(new PlacementEvent.NodeRegistered(hello(nodeId, 100 + nodeId, memoryBytes, List.of())));
        }
    }

    /** After so long every node but one reports, and the clock ticks. */
    final void hearAllButAfter(final int silent, final long afterMs) {
        nowNs += afterMs * TestRules.MS;
        for (final int nodeId : List.copyOf(state.nodes().keySet())) {
            if (nodeId != silent) {
                on(new PlacementEvent.NodeHeard(nodeId, incarnation(nodeId), Held.units(state.residentOn(nodeId))));
            }
        }
        on(new PlacementEvent.Tick());
    }

    /** All loads that are open now succeed; what is asked for meanwhile stays open. */
    final void loadOnce() {
        final Map<Integer, List<ExpertKey>> open = new HashMap<>();
        state.nodes().keySet().forEach(nodeId -> open.put(nodeId, state.loadingOn(nodeId)));
        open.forEach((nodeId, keys) -> keys.forEach(
                key -> on(new CoordinatorCommand.UnitLoaded(nodeId, incarnation(nodeId), Held.unit(key)))));
    }

    /** Loads succeed until none is open. */
    final void loadAll() {
        while (state.nodes().keySet().stream()
                .anyMatch(nodeId -> !state.loadingOn(nodeId).isEmpty())) {
            loadOnce();
        }
    }

    final void unloadAll() {
        state.nodes()
                .forEach((nodeId, node) -> node.unloading()
                        .keySet()
                        .forEach(key -> on(new CoordinatorCommand.UnitUnloaded(nodeId, incarnation(nodeId), key))));
    }

    /** The router has the newest epoch. */
    final void acknowledge() {
        on(new CoordinatorCommand.EpochAcknowledged(0, 5, state.placement().epoch(), 1));
    }

    final long incarnation(final int nodeId) {
        return state.nodes().get(nodeId).hello().incarnation();
    }

    /** All units of the model. */
    static List<ExpertKey> units() {
        return IntStream.range(0, TestRules.MODEL.unitCount())
                .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, TestRules.MODEL.expertsPerLayer()))
                .toList();
    }

    /** A node that has room for {@code memoryBytes / 10} units. */
    static NodeHello hello(
            final int nodeId, final long incarnation, final long memoryBytes, final List<ExpertKey> resident) {
        return new NodeHello(
                "cheshire",
                "f00d",
                new NodeEndpoint(nodeId, incarnation, "aeron:ipc", nodeId),
                memoryBytes,
                10,
                0,
                0,
                Held.units(resident),
                "");
    }
}
