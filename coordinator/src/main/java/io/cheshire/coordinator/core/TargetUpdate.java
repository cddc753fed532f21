package io.cheshire.coordinator.core;

import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Keeps the {@link Target} in line with membership, memory, failures and doubts. One object serves one event.
 *
 * <ol>
 *   <li>Until the cluster is formed, and for its first epoch, every unit's target is its home.
 *   <li>A coordinator that follows another takes what the nodes hold for the target, so moves made before stay made.
 *   <li>From then on: nodes that may not be used go from the target; nodes that join take a fair share, what is short
 *       of nodes first; units short of nodes get more, after a while if a node was lost that may be back soon; a unit
 *       without any takes a replica's place where memory is full; failed loads go elsewhere; units whose nodes may not
 *       answer get a further one, and once that has held for a while the doubtful ones are let go; copies that share a
 *       failure domain are moved apart.
 * </ol>
 */
final class TargetUpdate {
    private final StateBuilder draft;
    private final Suspicions doubts;

    TargetUpdate(final StateBuilder draft, final Suspicions doubts) {
        this.draft = draft;
        this.doubts = doubts;
    }

    /**
     * What the target becomes.
     *
     * @param admitted nodes that were given their share in it
     */
    record Update(Target target, List<NodeMember> admitted) {}

    /** In line with what is known now. */
    Update updated(final Target before) {
        if (!draft.formed) {
            // The homes are dealt as if ids were 0 to n-1, so that the first nodes load while others join.
            final List<Integer> ring = IntStream.range(0, draft.rules.members().expectedNodes())
                    .boxed()
                    .toList();
            return new Update(before.withNodes(HomePlacement.target(draft.rules.model(), ring, room())), List.of());
        }
        final TargetTable table = table(before.nodesByUnit());
        final TargetFill fill = fill(table, before);
        table.retainPlaceable();
        final List<NodeMember> newcomers = draft.nodes.values().stream()
                .filter(node -> node.placeable() && !node.admitted())
                .toList();
        newcomers.forEach(node -> fill.admit(node.nodeId(), before.replicas()));
        final boolean first = draft.placement().epoch() == 0;
        if (!first) {
            fill.avoidFailures();
        }
        fill.fill(first || !draft.reached(before.restoreNs()) ? 1 : before.replicas());
        fill.makeRoomForTheLonely();
        final Target rescued = first ? before : rescued(table, before);
        final Target apart = first ? rescued : new Separation(draft, table, doubts, rescued).movedApart();
        return new Update(apart.withNodes(table.freeze()), newcomers);
    }

    private Target rescued(final TargetTable table, final Target before) {
        final Rescues rescues = new Rescues(draft, doubts);
        final Target without = rescues.ended(table, fill(table, before), before);
        return rescues.begun(table, fill(table, without), without);
    }

    /**
     * What the target starts from.
     *
     * @param follows whether another coordinator led before: then what the nodes hold for it
     */
    Update formed(final Target before, final boolean follows) {
        if (!follows) {
            final List<Integer> ring = List.copyOf(room().keySet());
            return new Update(
                    before.withNodes(HomePlacement.target(draft.rules.model(), ring, room())),
                    List.copyOf(draft.nodes.values()));
        }
        final TargetTable table = table(
                before.nodesByUnit().stream().map(nobody -> List.<Integer>of()).toList());
        final List<NodeMember> holders = draft.nodes.values().stream()
                .filter(node -> node.placeable() && !node.resident().isEmpty())
                .toList();
        for (final NodeMember node : holders) {
            node.resident().stream()
                    .filter(key -> !node.unloading().containsKey(key))
                    .forEach(key -> table.add(table.unit(key), node.nodeId()));
        }
        trim(table, before);
        return new Update(before.withNodes(table.freeze()), holders);
    }

    /** Without what is more than the replicas wanted. */
    Target trimmed(final Target before) {
        final TargetTable table = table(before.nodesByUnit());
        table.retainPlaceable();
        trim(table, before);
        return before.withNodes(table.freeze());
    }

    /** The nodes that may be given units, with the number of units that each may hold. */
    SortedMap<Integer, Long> room() {
        final SortedMap<Integer, Long> room = new TreeMap<>();
        draft.nodes.values().stream()
                .filter(NodeMember::placeable)
                .forEach(node -> room.put(node.nodeId(), node.capacity()));
        return room;
    }

    TargetTable table(final List<List<Integer>> nodesByUnit) {
        return new TargetTable(draft.rules.model(), nodesByUnit, room());
    }

    private void trim(final TargetTable table, final Target target) {
        final TargetFill fill = fill(table, target);
        for (int unit = 0; unit < table.units(); unit++) {
            fill.trim(unit, target.replicas());
        }
    }

    private TargetFill fill(final TargetTable table, final Target target) {
        return new TargetFill(
                table,
                new TargetFill.Facts(
                        (unit, nodeId) -> draft.holds(nodeId, table.key(unit)),
                        (unit, nodeId) -> failing(nodeId, table.key(unit)),
                        (unit, nodeId) -> doubts.about(unit, nodeId, target),
                        doubts::isUnheard,
                        draft::load),
                draft.failureDomains());
    }

    private boolean failing(final int nodeId, final ExpertKey key) {
        final NodeMember node = draft.nodes.get(nodeId);
        final NodeUnits.LoadFailure failure =
                node == null ? null : node.failures().get(key);
        return failure != null && !draft.reached(failure.retryNs());
    }
}
