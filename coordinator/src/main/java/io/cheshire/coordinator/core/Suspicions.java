package io.cheshire.coordinator.core;

import java.util.HashSet;
import java.util.Set;

/**
 * Which nodes may not answer, by evidence short of their removal from the cluster: a hint to load units elsewhere
 * early, never a reason to take anything away, and none at all while {@link MassSilenceGuard} has it wait. One object
 * serves one event.
 */
final class Suspicions {
    private final StateBuilder draft;
    private final Set<Integer> unheard = new HashSet<>();

    Suspicions(final StateBuilder draft) {
        this.draft = draft;
        for (final NodeMember node : draft.nodes.values()) {
            if (isSilent(draft, node)) {
                unheard.add(node.nodeId());
            }
        }
    }

    /** Whether the node was not heard of for too long. */
    static boolean isSilent(final StateBuilder draft, final NodeMember node) {
        return draft.reached(
                later(node.heardNs(), draft.awakeNs) + draft.rules.members().silentNs());
    }

    /** How many nodes were not heard of for too long, or are listed for a unit that nobody answers for. */
    int doubtfulNodes() {
        final Set<Integer> doubtful = new HashSet<>(unheard);
        if (!draft.routers.isEmpty()) {
            final RouterMember any = draft.routers.values().iterator().next();
            any.unanswered().keySet().stream()
                    .filter(this::nobodyAnswersFor)
                    .forEach(unit ->
                            doubtful.addAll(draft.placement().nodesByUnit().get(unit)));
        }
        doubtful.retainAll(draft.nodes.keySet());
        return doubtful.size();
    }

    /** Nodes not heard of for too long, unless that is to lead to nothing. */
    boolean isSilent(final int nodeId) {
        return isUnheard(nodeId) && !draft.hesitation().waits();
    }

    /** Nodes not heard of for too long. */
    boolean isUnheard(final int nodeId) {
        return unheard.contains(nodeId);
    }

    /**
     * Whether the node may not answer for the unit, and that is to lead to something.
     *
     * @param target says which nodes units were rescued from
     */
    boolean about(final int unit, final int nodeId, final Target target) {
        return isSilent(nodeId)
                || (!draft.hesitation().waits()
                        && draft.placement().nodesByUnit().get(unit).contains(nodeId)
                        && nobodyAnswersFor(unit))
                || isRescuedFrom(unit, nodeId, target);
    }

    /** Whether every router says so, and said so lately. */
    boolean nobodyAnswersFor(final int unit) {
        return !draft.routers.isEmpty()
                && draft.routers.values().stream().allMatch(router -> {
                    final Long saidNs = router.unanswered().get(unit);
                    return saidNs != null
                            && !draft.reached(saidNs + draft.rules.replicas().hintNs());
                });
    }

    private static boolean isRescuedFrom(final int unit, final int nodeId, final Target target) {
        final Target.Rescue rescue = target.rescues().get(unit);
        return rescue != null && rescue.doubtful().contains(nodeId);
    }

    private static long later(final long aNs, final long bNs) {
        return aNs - bNs >= 0 ? aNs : bNs;
    }
}
