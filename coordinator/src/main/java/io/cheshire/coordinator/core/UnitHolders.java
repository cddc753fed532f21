package io.cheshire.coordinator.core;

import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which nodes an epoch lists for a unit: those of its target that hold it; as long as not all of these do, also where
 * it was; else wherever it is; else none. One object serves one event.
 */
final class UnitHolders {
    private final StateBuilder draft;
    private final int expertsPerLayer;

    UnitHolders(final StateBuilder draft) {
        this.draft = draft;
        this.expertsPerLayer = draft.rules.model().expertsPerLayer();
    }

    /** For every unit the nodes that the next epoch lists. */
    List<List<Integer>> next(final List<List<Integer>> target) {
        final Set<Integer> yielding = yielding(target);
        final List<List<Integer>> holders = new ArrayList<>(target.size());
        for (int unit = 0; unit < target.size(); unit++) {
            holders.add(holders(unit, target.get(unit), yielding));
        }
        return holders;
    }

    private List<Integer> holders(final int unit, final List<Integer> target, final Set<Integer> yielding) {
        final ExpertKey key = ExpertKey.ofUnitIndex(unit, expertsPerLayer);
        final List<Integer> listed = draft.placement().nodesByUnit().get(unit);
        final List<Integer> nodes = new ArrayList<>(serving(target, key));
        for (final int nodeId : serving(listed, key)) {
            final boolean needed = nodes.isEmpty() || (nodes.size() < target.size() && !yielding.contains(nodeId));
            if (needed && !nodes.contains(nodeId)) {
                nodes.add(nodeId);
            }
        }
        if (nodes.isEmpty()) {
            serving(List.copyOf(draft.nodes.keySet()), key).stream().findFirst().ifPresent(nodes::add);
        }
        final boolean same = nodes.size() == listed.size() && listed.containsAll(nodes);
        return same ? listed : List.copyOf(nodes);
    }

    /** Nodes without room for what they ought to load: they give up first what others serve too. */
    private Set<Integer> yielding(final List<List<Integer>> target) {
        final Set<Integer> yielding = new HashSet<>();
        for (final NodeMember node : draft.nodes.values()) {
            if (node.freeUnits() <= 0
                    && listedOn(node.nodeId(), target).stream().anyMatch(key -> mayLoad(node, key, draft))) {
                yielding.add(node.nodeId());
            }
        }
        return yielding;
    }

    /** Those of the candidates that serve the unit and may be listed. */
    List<Integer> serving(final List<Integer> candidates, final ExpertKey key) {
        return candidates.stream().filter(nodeId -> serves(nodeId, key)).toList();
    }

    /** Whether the node serves the unit and may be listed for it. */
    boolean serves(final int nodeId, final ExpertKey key) {
        final NodeMember node = draft.nodes.get(nodeId);
        return node != null && node.serves(key) && !mustGo(node);
    }

    /**
     * Whether a leaving node is listed no more although nobody took its units over. While routers are there, even the
     * last node waits out its time: when everything stops at once, the routers still finish their requests with it.
     */
    private boolean mustGo(final NodeMember node) {
        return node.leaving()
                && (node.leaveGranted() || draft.reached(node.leaveDeadlineNs()) || draft.routers.isEmpty());
    }

    /** Whether the node neither holds the unit nor loads it, and needn't pause after a failure. */
    static boolean mayLoad(final NodeMember node, final ExpertKey key, final StateBuilder draft) {
        final NodeUnits.LoadFailure failure = node.failures().get(key);
        return !node.units().held().containsKey(key)
                && !node.loading().containsKey(key)
                && (failure == null || draft.reached(failure.retryNs()));
    }

    /** Units that are listed for the node. */
    List<ExpertKey> listedOn(final int nodeId, final List<List<Integer>> nodesByUnit) {
        return IntStream.range(0, nodesByUnit.size())
                .filter(unit -> nodesByUnit.get(unit).contains(nodeId))
                .mapToObj(unit -> ExpertKey.ofUnitIndex(unit, expertsPerLayer))
                .toList();
    }
}
