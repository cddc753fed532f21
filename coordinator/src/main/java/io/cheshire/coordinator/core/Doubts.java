package io.cheshire.coordinator.core;

import java.util.List;

/**
 * Which nodes may not answer, by evidence short of their removal from the cluster: a hint to load units elsewhere early, never
 * a reason to take anything away. One object serves one event.
 */
final class Doubts {
    private final Draft draft;
    private final List<Integer> silent;

    Doubts(final Draft draft) {
        this.draft = draft;
        final List<Integer> unheard = draft.nodes.values().stream()
                .filter(node -> isSilent(draft, node))
                .map(NodeMember::nodeId)
                .toList();
        // When most are silent, it is rather this coordinator that hears nothing.
        this.silent = unheard.size() * 2 > draft.nodes.size() ? List.of() : unheard;
    }

    /** Whether the node was not heard of for too long. */
    static boolean isSilent(final Draft draft, final NodeMember node) {
        return draft.reached(later(node.heardNs(), draft.awakeNs) + draft.rules.silentNs());
    }

    /** Nodes not heard of for too long, unless that is most of them. */
    boolean isSilent(final int nodeId) {
        return silent.contains(nodeId);
    }

    /** Whether the node may not answer for the unit. */
    boolean about(final int unit, final int nodeId) {
        return isSilent(nodeId)
                || (draft.placement.nodesByUnit().get(unit).contains(nodeId) && nobodyAnswersFor(unit))
                || isRescuedFrom(unit, nodeId);
    }

    /** Whether every router says so, and said so lately. */
    boolean nobodyAnswersFor(final int unit) {
        return !draft.routers.isEmpty()
                && draft.routers.values().stream().allMatch(router -> {
                    final Long saidNs = router.unanswered().get(unit);
                    return saidNs != null && !draft.reached(saidNs + draft.rules.hintNs());
                });
    }

    private boolean isRescuedFrom(final int unit, final int nodeId) {
        final Target.Rescue rescue = draft.target.rescues().get(unit);
        return rescue != null && rescue.doubtful().contains(nodeId);
    }

    private static long later(final long aNs, final long bNs) {
        return aNs - bNs >= 0 ? aNs : bNs;
    }
}
