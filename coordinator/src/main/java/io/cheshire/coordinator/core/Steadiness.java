package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.model.protocol.ExpertKey;
import java.util.List;

/**
 * Whether the cluster is as it is going to stay, so that a copy taken from it now would be the only one missing: who
 * replaces its processes one by one waits for that. What memory doesn't allow isn't waited for. Pure.
 */
final class Steadiness {
    private Steadiness() {}

    /** What nodes are told of it. */
    static ExpertNodeCommand.Steady told(final PlacementState state, final PlacementRules rules, final long nowNs) {
        return new ExpertNodeCommand.Steady(
                rules.publisher(), state.placement().epoch(), unsteadyBecause(state, rules, nowNs));
    }

    /** Why it isn't, in words for people; empty where it is. */
    static String unsteadyBecause(final PlacementState state, final PlacementRules rules, final long nowNs) {
        final String phase = switch (state.phase()) {
            case FORMING -> "the cluster is forming";
            case PREPARING -> "units are being loaded";
            case PUBLISHING -> "routers are being told of a new epoch";
            case RELEASING -> "units are being freed";
            case STEADY -> "";
        };
        if (!phase.isEmpty()) {
            return phase;
        }
        for (final NodeMember node : state.nodes().values()) {
            if (nowNs - node.heardNs() > rules.members().silentNs()) {
                return "node " + node.nodeId() + " is silent";
            }
            if (node.placeable() && !node.admitted()) {
                return "node " + node.nodeId() + " has yet to get its units";
            }
        }
        return unitsUnderWay(state);
    }

    private static String unitsUnderWay(final PlacementState state) {
        final List<List<Integer>> published = state.placement().nodesByUnit();
        final List<List<Integer>> target = state.targetNodesByUnit();
        for (int unit = 0; unit < published.size(); unit++) {
            final List<Integer> listed = published.get(unit);
            final ExpertKey key = ExpertKey.ofUnitIndex(unit, state.placement().expertsPerLayer());
            if (listed.size() != target.get(unit).size() || !listed.containsAll(target.get(unit))) {
                return key + " is on nodes " + listed + " and ought to be on " + target.get(unit);
            }
            if (listed.size() < state.replicas() && hasRoomElsewhere(state, key, listed)) {
                return key + " is on nodes " + listed + " only and waits for another";
            }
        }
        return "";
    }

    private static boolean hasRoomElsewhere(
            final PlacementState state, final ExpertKey key, final List<Integer> listed) {
        return state.nodes().values().stream()
                .anyMatch(node -> node.placeable()
                        && !listed.contains(node.nodeId())
                        && node.freeUnits() > 0
                        && !node.failures().containsKey(key));
    }
}
