package io.cheshire.coordinator.core;

import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import java.util.Set;
import java.util.function.Function;

/**
 * Answers what operators ask: by the placement machine, by the balancer, or by looking whether a node is still heard
 * of.
 */
final class OperatorDesk<M> {
    private static final long NS_PER_MS = 1_000_000;

    private final PlacementSteps<M> placement;
    private final KnownMembers<M> members;
    private final Whereabouts<M> whereabouts;
    private final Rebalancing rebalancing;
    private final CoordinatorHealth health;
    private final DrainEndings endings = new DrainEndings();

    OperatorDesk(
            final PlacementSteps<M> placement,
            final KnownMembers<M> members,
            final Whereabouts<M> whereabouts,
            final Rebalancing rebalancing,
            final CoordinatorHealth health) {
        this.placement = placement;
        this.members = members;
        this.whereabouts = whereabouts;
        this.rebalancing = rebalancing;
        this.health = health;
    }

    AdminReply answer(final OperatorRequest request, final Turn<M> turn) {
        return switch (request) {
            case final OperatorRequest.Wish wish -> {
                endings.supersededBy(wish);
                yield wish(wish, turn);
            }
            case final OperatorRequest.DrainFor drain -> drainFor(drain, turn);
            case OperatorRequest.RebalanceNow(final String reason) ->
                rebalance(reason.isBlank() ? "an operator asks" : reason, turn);
            case OperatorRequest.RebalanceTrial _ -> trial(turn);
            case final OperatorRequest.Down down -> down(down, turn);
        };
    }

    private AdminReply drainFor(final OperatorRequest.DrainFor drain, final Turn<M> turn) {
        final String reason = "for " + drain.forMs() + " ms" + (drain.reason().isBlank() ? "" : ", " + drain.reason());
        final AdminReply reply = wish(new OperatorRequest.Drain(drain.nodeId(), reason), turn);
        if (reply.accepted()) {
            turn.add(new CoordinatorEffect.StartTimer<>(
                    new CoordinatorInput.DrainOver<>(drain.nodeId(), endings.begin(drain.nodeId())),
                    drain.forMs() * NS_PER_MS));
        }
        return reply;
    }

    /** The node is back in use, unless somebody asked for something else meanwhile or it has gone. */
    void drainOver(final CoordinatorInput.DrainOver<M> over, final Turn<M> turn) {
        if (endings.end(over.nodeId(), over.number())
                && members.node(over.nodeId()) != null
                && placement.state().isDraining(over.nodeId())) {
            placement.wish(new OperatorRequest.Undrain(over.nodeId(), "the time of its drain is over"), turn);
        }
    }

    private AdminReply wish(final PlacementEvent wish, final Turn<M> turn) {
        final PlacementEffect.Answer answer = placement.wish(wish, turn);
        return reply(answer.accepted(), answer.reason());
    }

    private AdminReply reply(final boolean accepted, final String reason) {
        return new AdminReply(accepted, placement.epoch(), reason);
    }

    /** One round of the balancer. */
    AdminReply rebalance(final String why, final Turn<M> turn) {
        return round(
                turn, move -> wish(new PlacementEvent.Rebalance(move.nodesByUnit(), why + "; " + move.reason()), turn));
    }

    /** The same without the move. */
    private AdminReply trial(final Turn<M> turn) {
        return round(
                turn,
                move -> reply(
                        true,
                        "it would load " + move.unitsLoaded() + " units, " + move.bytesMoved() + " bytes, in layers "
                                + move.layers() + ": " + move.reason()));
    }

    /** A defect in the balancer must not end the coordinator, but is shown as not ready. */
    private AdminReply round(final Turn<M> turn, final Function<RebalancePlan.Move, AdminReply> moving) {
        final RebalancePlan plan;
        try {
            plan = rebalancing.round(
                    placement.state(),
                    members.nodes().stream().map(KnownNode::hello).toList(),
                    Set.copyOf(placement.state().routers().keySet()));
            health.balanced("");
        } catch (final RuntimeException defect) {
            turn.add(new CoordinatorEffect.BalancerFailed<>(defect));
            health.balanced(defect.toString());
            return reply(false, "the balancer failed: " + defect);
        }
        return switch (plan) {
            case final RebalancePlan.Stay stay -> reply(true, "nothing moves: " + stay.reason());
            case final RebalancePlan.Move move -> moving.apply(move);
        };
    }

    private AdminReply down(final OperatorRequest.Down down, final Turn<M> turn) {
        final KnownNode<M> node = members.node(down.nodeId());
        if (node == null) {
            return reply(false, "node " + down.nodeId() + " is no member");
        }
        if (whereabouts.isInThisProcess(node.place())) {
            return reply(false, "node " + down.nodeId() + " lives in the coordinator's process; drain it");
        }
        // The word may be late and the node be another start by now: one that lives is heard of meanwhile.
        turn.add(new CoordinatorEffect.StartTimer<>(
                new CoordinatorInput.DownDue<>(down.nodeId(), node.hello().incarnation(), down.reason()),
                liveWindowNs() * 2 / 3));
        return reply(true, "node " + down.nodeId() + " goes unless it is heard of now");
    }

    private long liveWindowNs() {
        return placement.rules().members().liveWindowNs();
    }

    /** The node was given time to report; returns whether it is a member no more. */
    boolean downDue(final CoordinatorInput.DownDue<M> due, final Turn<M> turn) {
        final KnownNode<M> node = members.node(due.nodeId(), due.incarnation());
        if (node == null) {
            return false;
        }
        if (placement.state().isHeardSince(due.nodeId(), turn.nowNs() - liveWindowNs() / 2)) {
            turn.add(new CoordinatorEffect.Note<>(
                    Kind.REFUSED,
                    placement.epoch(),
                    "node " + due.nodeId() + " was said to have ended (" + due.reason() + "), but it reports"));
            return false;
        }
        turn.add(new CoordinatorEffect.Down<>(node.place()));
        turn.add(new CoordinatorEffect.Unwatch<>(node.place()));
        members.forget(node);
        placement.decide(new PlacementEvent.NodeGone(due.nodeId(), due.incarnation(), due.reason()), turn);
        return true;
    }
}
