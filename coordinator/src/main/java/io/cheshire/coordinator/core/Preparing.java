package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.coordinator.protocol.Epochs;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Comparator;
import java.util.List;

/**
 * The first of three phases: nodes load what the target gives them and they don't hold, as far as their memory goes;
 * units that nobody serves first, then those with the fewest replicas, then the most loaded ones.
 */
final class Preparing {
    private final StateBuilder draft;
    private final UnitHolders holders;
    private final Suspicions doubts;
    private final int expertsPerLayer;

    Preparing(final StateBuilder draft, final UnitHolders holders, final Suspicions doubts) {
        this.draft = draft;
        this.holders = holders;
        this.doubts = doubts;
        this.expertsPerLayer = draft.rules.model().expertsPerLayer();
    }

    void prepare(final Target target) {
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            final long limit = Math.min(
                    node.freeUnits(),
                    draft.rules.loads().open() - node.loading().size());
            if (limit <= 0) {
                continue;
            }
            final List<ExpertKey> missing = holders.listedOn(node.nodeId(), target.nodesByUnit()).stream()
                    .filter(key -> UnitHolders.mayLoad(node, key, draft))
                    .sorted(Comparator.comparingLong((ExpertKey key) -> servingNodes(key, target))
                            .thenComparingLong(key -> -draft.load(key.unitIndex(expertsPerLayer))))
                    .toList();
            if (!missing.isEmpty()) {
                load(node, missing.subList(0, (int) Math.min(limit, missing.size())), missing.size());
            }
        }
    }

    private void load(final NodeMember node, final List<ExpertKey> keys, final int missing) {
        final long epoch = draft.nextEpoch();
        draft.put(node.with(node.units()
                .startLoading(keys, draft.nowNs + draft.rules.loads().timeoutNs())));
        draft.effect(new PlacementEffect.Load(node.nodeId(), epoch, List.copyOf(keys), draft.digests.known(keys)));
        if (node.loading().isEmpty()) {
            draft.note(
                    Kind.LOAD,
                    "node " + node.nodeId() + " loads " + missing + " units for epoch " + Epochs.text(epoch));
        }
    }

    /** Nodes that serve the unit beyond doubt. */
    private long servingNodes(final ExpertKey key, final Target target) {
        final int unit = key.unitIndex(expertsPerLayer);
        return draft.nodes.keySet().stream()
                .filter(nodeId -> holders.serves(nodeId, key) && !doubts.about(unit, nodeId, target))
                .count();
    }
}
