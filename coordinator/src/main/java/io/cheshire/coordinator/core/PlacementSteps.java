package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.PlacementEvent;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;

/**
 * The placement machine at work: its state, and what it wants done as messages to the members. Used by one
 * coordinator's life alone.
 */
final class PlacementSteps<M> {
    private final PlacementMachine machine;
    private final StepObserver observer;
    private final KnownMembers<M> members;
    private PlacementState state;

    PlacementSteps(
            final PlacementRules rules, final StepObserver observer, final KnownMembers<M> members, final long nowNs) {
        this.machine = new PlacementMachine(rules);
        this.observer = observer;
        this.members = members;
        this.state = machine.initial(nowNs);
    }

    PlacementRules rules() {
        return machine.rules();
    }

    PlacementState state() {
        return state;
    }

    /** The epoch published last. */
    long epoch() {
        return state.placement().epoch();
    }

    void decide(final PlacementEvent event, final Turn<M> turn) {
        step(event, turn.nowNs()).forEach(effect -> perform(effect, turn));
    }

    /** Decides about what somebody wishes, who is told the answer. */
    PlacementEffect.Answer wish(final PlacementEvent wish, final Turn<M> turn) {
        final List<PlacementEffect> effects = step(wish, turn.nowNs());
        effects.forEach(effect -> perform(effect, turn));
        return effects.stream()
                .filter(PlacementEffect.Answer.class::isInstance)
                .map(PlacementEffect.Answer.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no answer to " + wish));
    }

    /** Decides about a node at this place. */
    void register(final NodeHello hello, final M place, final Turn<M> turn) {
        for (final PlacementEffect effect : step(new PlacementEvent.NodeRegistered(hello), turn.nowNs())) {
            if (effect instanceof PlacementEffect.AcceptNode) {
                turn.effects().addAll(members.join(hello, place));
                turn.tell(place, new ExpertNodeCommand.NodeAccepted(rules().publisher(), epoch()));
            } else if (effect instanceof final PlacementEffect.RefuseNode refusal) {
                turn.tell(place, new ExpertNodeCommand.NodeRefused(refusal.reason(), refusal.retry()));
            } else {
                perform(effect, turn);
            }
        }
    }

    /** Decides about a router at this place. */
    void register(final RouterHello hello, final M place, final Turn<M> turn) {
        for (final PlacementEffect effect : step(new PlacementEvent.RouterRegistered(hello), turn.nowNs())) {
            if (effect instanceof PlacementEffect.AcceptRouter) {
                turn.effects().addAll(members.join(hello, place));
                turn.tell(place, new RouterCommand.RouterAccepted(rules().publisher()));
            } else if (effect instanceof final PlacementEffect.RefuseRouter refusal) {
                turn.tell(place, new RouterCommand.RouterRefused(refusal.reason(), refusal.retry()));
            } else {
                perform(effect, turn);
            }
        }
    }

    private List<PlacementEffect> step(final PlacementEvent event, final long nowNs) {
        final PlacementState before = state;
        final PlacementMachine.Step step = machine.step(before, event, nowNs);
        state = step.state();
        observer.stepped(before, event, step, nowNs);
        return step.effects();
    }

    private void perform(final PlacementEffect effect, final Turn<M> turn) {
        final long publisher = rules().publisher();
        switch (effect) {
            case final PlacementEffect.AcceptNode accepted -> throw unexpected(accepted);
            case final PlacementEffect.RefuseNode refused -> throw unexpected(refused);
            case final PlacementEffect.AcceptRouter accepted -> throw unexpected(accepted);
            case final PlacementEffect.RefuseRouter refused -> throw unexpected(refused);
            case PlacementEffect.Load(
                    final int nodeId,
                    final long epoch,
                    final List<ExpertKey> keys,
                    final List<HeldUnit> known) ->
                tellNode(nodeId, new ExpertNodeCommand.LoadUnits(epoch, publisher, keys, known), turn);
            case PlacementEffect.Unload(final int nodeId, final long epoch, final List<ExpertKey> keys) ->
                tellNode(nodeId, new ExpertNodeCommand.UnloadUnits(epoch, publisher, keys), turn);
            case PlacementEffect.Probe(final int nodeId, final long probeId, final ExpertKey key, final long seed) ->
                tellNode(nodeId, new ExpertNodeCommand.ProbeUnit(probeId, key, seed), turn);
            case PlacementEffect.Publish(
                    final int routerId,
                    final Placement placement,
                    final List<NodeEndpoint> endpoints) ->
                tellRouter(routerId, new RouterCommand.PlacementPublished(placement, endpoints, publisher), turn);
            case PlacementEffect.GrantLeave(final int nodeId, final long epoch) ->
                tellNode(nodeId, new ExpertNodeCommand.LeaveGranted(epoch), turn);
            case PlacementEffect.Answer(final boolean accepted, final String reason) -> {} // told by whoever asked
            case PlacementEffect.Note(final var kind, final long epoch, final String reason) ->
                turn.add(new CoordinatorEffect.Note<>(kind, epoch(), reason));
        }
    }

    private static IllegalStateException unexpected(final PlacementEffect effect) {
        return new IllegalStateException(effect + " without a registration");
    }

    private void tellNode(final int nodeId, final ExpertNodeCommand command, final Turn<M> turn) {
        final KnownNode<M> node = members.node(nodeId);
        if (node != null) {
            turn.tell(node.place(), command);
        }
    }

    private void tellRouter(final int routerId, final RouterCommand command, final Turn<M> turn) {
        final KnownRouter<M> router = members.router(routerId);
        if (router != null) {
            turn.tell(router.place(), command);
        }
    }
}
