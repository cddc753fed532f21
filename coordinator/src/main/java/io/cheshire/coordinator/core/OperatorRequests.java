package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.protocol.PlacementEvent;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator or the balancer wants. A wish leads to another {@link Target}, or is refused with the reason; the
 * three phases then carry it out. One object serves one event.
 */
final class OperatorRequests {
    private final StateBuilder draft;
    private final TargetUpdate targeting;

    OperatorRequests(final StateBuilder draft) {
        this.draft = draft;
        this.targeting = new TargetUpdate(draft, new Suspicions(draft));
    }

    /** Carries the wish out or refuses it; returns what the target is after it. */
    Target decide(final OperatorRequest.Wish wish) {
        return switch (wish) {
            case final OperatorRequest.Move move -> move(move);
            case final OperatorRequest.Replicas replicas -> replicas(replicas);
            case final OperatorRequest.Drain drain -> {
                drain(drain);
                yield draft.target();
            }
            case final OperatorRequest.Undrain undrain -> {
                undrain(undrain);
                yield draft.target();
            }
        };
    }

    private Target move(final OperatorRequest.Move move) {
        final String refusal = refusalOf(move);
        if (refusal != null) {
            return refuse("move of " + move.key(), refusal);
        }
        final TargetTable table = targeting.table(draft.target().nodesByUnit());
        table.replace(table.unit(move.key()), move.from(), move.to());
        final int unit = table.unit(move.key());
        final FailureDomains domains = draft.failureDomains();
        final Target target = Separation.wished(domains, draft.target().wished(table.freeze()), unit);
        final Target.Rescue rescue = target.rescues().get(unit);
        accept(
                Kind.TARGET,
                move.key() + " moves from node " + move.from() + " to node " + move.to() + because(move.reason())
                        + (rescue == null || !rescue.wished().contains(move.to())
                                ? ""
                                : "; the copies that it has more, for nodes that may not answer, go once it is there")
                        + Separation.warningOf(domains, target, unit));
        return target;
    }

    private @Nullable String refusalOf(final OperatorRequest.Move move) {
        if (!draft.isUnit(move.key())) {
            return "the model has layers 0 to " + (draft.rules.model().layers() - 1) + " and experts 0 to "
                    + (draft.rules.model().expertsPerLayer() - 1);
        }
        final String early = refusalBeforeFirstEpoch();
        if (early != null) {
            return early;
        }
        final TargetTable table = targeting.table(draft.target().nodesByUnit());
        final List<Integer> nodes = table.nodesOf(table.unit(move.key()));
        if (!nodes.contains(move.from())) {
            return "node " + move.from() + " is not to hold it, but nodes " + nodes + " are";
        }
        if (nodes.contains(move.to())) {
            return "node " + move.to() + " is to hold it already, as are nodes " + nodes;
        }
        return unusable(move.to(), table);
    }

    private @Nullable String unusable(final int nodeId, final TargetTable table) {
        final NodeMember node = draft.nodes.get(nodeId);
        if (node == null) {
            return "node " + nodeId + " is no member; members are " + draft.nodes.keySet();
        }
        if (!node.placeable()) {
            return "node " + nodeId + " drains; undrain it first";
        }
        return table.hasRoom(nodeId)
                ? null
                : "node " + nodeId + " has memory for " + node.capacity() + " units and is to hold "
                        + table.total(nodeId) + "; move one away first";
    }

    private Target replicas(final OperatorRequest.Replicas wish) {
        if (wish.replicas() < 1 || wish.replicas() > draft.rules.members().maxNodes()) {
            return refuse(
                    "replicas " + wish.replicas(),
                    "it must be from 1 to cheshire.coordinator.max-nodes, "
                            + draft.rules.members().maxNodes());
        }
        final int before = draft.target().replicas();
        final Target wanted = draft.target().withReplicas(wish.replicas());
        accept(
                Kind.TARGET,
                "each unit is to have " + wish.replicas() + " nodes instead of " + before + because(wish.reason()));
        return draft.formed && wish.replicas() < before ? targeting.trimmed(wanted) : wanted;
    }

    /** Carries out what the balancer wants or refuses it; returns what the target is after it. */
    Target rebalance(final PlacementEvent.Rebalance wish) {
        final String early = refusalBeforeFirstEpoch();
        final String refusal = early == null ? refusalOf(wish.nodesByUnit()) : early;
        if (refusal != null) {
            return refuse("rebalance", refusal);
        }
        int moved = 0;
        for (int unit = 0; unit < wish.nodesByUnit().size(); unit++) {
            final List<Integer> before = draft.target().nodesByUnit().get(unit);
            moved += (int) wish.nodesByUnit().get(unit).stream()
                    .filter(nodeId -> !before.contains(nodeId))
                    .count();
        }
        accept(Kind.TARGET, "rebalance with " + moved + " units to load" + because(wish.reason()));
        return draft.target().wished(wish.nodesByUnit());
    }

    private @Nullable String refusalOf(final List<List<Integer>> nodesByUnit) {
        if (nodesByUnit.size() != draft.rules.model().unitCount()) {
            return "it lists " + nodesByUnit.size() + " units, but the model has "
                    + draft.rules.model().unitCount();
        }
        final TargetTable table = targeting.table(nodesByUnit);
        for (int unit = 0; unit < nodesByUnit.size(); unit++) {
            final List<Integer> nodes = nodesByUnit.get(unit);
            if (nodes.isEmpty()
                    || new HashSet<>(nodes).size() != nodes.size()
                    || !table.ring().containsAll(nodes)) {
                return "unit " + table.key(unit) + " is to be on nodes " + nodes
                        + ", which must be some distinct ones of " + table.ring();
            }
        }
        for (final NodeMember node : draft.nodes.values()) {
            if (node.placeable() && table.total(node.nodeId()) > node.capacity()) {
                return "node " + node.nodeId() + " would hold " + table.total(node.nodeId())
                        + " units, but has memory for " + node.capacity();
            }
        }
        return null;
    }

    private void drain(final OperatorRequest.Drain wish) {
        final NodeMember node = draft.nodes.get(wish.nodeId());
        if (node == null) {
            refuse("drain of node " + wish.nodeId(), "it is no member; members are " + draft.nodes.keySet());
            return;
        }
        if (!node.cordoned()) {
            draft.put(node.cordoned(true));
            note(Kind.DRAIN, "node " + wish.nodeId() + " drains: its units go elsewhere" + because(wish.reason()));
        }
        answer(true, "node " + wish.nodeId() + " drains");
    }

    private void undrain(final OperatorRequest.Undrain wish) {
        final NodeMember node = draft.nodes.get(wish.nodeId());
        if (node == null || node.leaving()) {
            refuse(
                    "undrain of node " + wish.nodeId(),
                    node == null ? "it is no member; members are " + draft.nodes.keySet() : "its process leaves");
            return;
        }
        if (node.cordoned()) {
            draft.put(node.cordoned(false));
            note(Kind.DRAIN, "node " + wish.nodeId() + " is back in use" + because(wish.reason()));
        }
        answer(true, "node " + wish.nodeId() + " is in use");
    }

    private @Nullable String refusalBeforeFirstEpoch() {
        return draft.formed && draft.placement().epoch() > 0
                ? null
                : "the cluster is still forming; wait for its first epoch";
    }

    /** The target stays as it is. */
    private Target refuse(final String what, final String why) {
        note(Kind.REFUSED, what + ": " + why);
        answer(false, what + ": " + why);
        return draft.target();
    }

    private void accept(final Kind kind, final String what) {
        note(kind, what);
        answer(true, what);
    }

    private void note(final Kind kind, final String reason) {
        draft.note(kind, reason);
    }

    private void answer(final boolean accepted, final String reason) {
        draft.effect(new PlacementEffect.Answer(accepted, reason));
    }

    private static String because(final String reason) {
        return reason.isBlank() ? "" : ": " + reason;
    }
}
