package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
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
 *   <li>From then on: nodes that may not be used go from the target; nodes that join take a fair share, what is short of nodes
 *       first; units short of nodes get more, after a while if a node was lost that may be back soon; a unit without any takes a
 *       replica's place where memory is full; failed loads go elsewhere; units whose nodes may
 *       not answer get a further one, and once that has held for a while the doubtful ones are let go; copies that
 *       share a failure domain are moved apart.
 * </ol>
 */
final class TargetUpdate {
    private final StateBuilder draft;
    private final Suspicions doubts;

    TargetUpdate(final StateBuilder draft, final Suspicions doubts) {
        this.draft = draft;
        this.doubts = doubts;
    }

    void update() {
        if (!draft.formed) {
            // The homes are dealt as if ids were 0 to n-1, so that the first nodes load while others join.
            final List<Integer> ring = IntStream.range(0, draft.rules.members().expectedNodes())
                    .boxed()
                    .toList();
            draft.target = draft.target.withNodes(HomePlacement.target(draft.rules.model(), ring, room()));
            return;
        }
        final TargetTable table = table(draft.target.nodesByUnit());
        final TargetFill fill = fill(table);
        table.retainPlaceable();
        draft.nodes.values().stream()
                .filter(node -> node.placeable() && !node.admitted())
                .toList()
                .forEach(node -> {
                    fill.admit(node.nodeId(), draft.target.replicas());
                    draft.put(node.admit());
                });
        final boolean first = draft.placement.epoch() == 0;
        if (!first) {
            fill.avoidFailures();
        }
        fill.fill(first || !draft.reached(draft.target.restoreNs()) ? 1 : draft.target.replicas());
        fill.makeRoomForTheLonely();
        if (!first) {
            endRescues(table, fill);
            rescue(table, fill);
            new Separation(draft, table, doubts).moveApart();
        }
        draft.target = draft.target.withNodes(table.freeze());
    }

    /** What the target starts from. */
    void form(final boolean follows) {
        if (!follows) {
            final List<Integer> ring = List.copyOf(room().keySet());
            draft.target = draft.target.withNodes(HomePlacement.target(draft.rules.model(), ring, room()));
            draft.nodes.values().stream().toList().forEach(node -> draft.put(node.admit()));
            return;
        }
        final TargetTable table = table(draft.target.nodesByUnit().stream()
                .map(nobody -> List.<Integer>of())
                .toList());
        for (final NodeMember node : List.copyOf(draft.nodes.values())) {
            if (node.placeable() && !node.resident().isEmpty()) {
                node.resident().stream()
                        .filter(key -> !node.unloading().containsKey(key))
                        .forEach(key -> table.add(table.unit(key), node.nodeId()));
                draft.put(node.admit());
            }
        }
        trim(table);
        draft.target = draft.target.withNodes(table.freeze());
    }

    /** Lets go of what is more than the replicas wanted. */
    void trim() {
        final TargetTable table = table(draft.target.nodesByUnit());
        table.retainPlaceable();
        trim(table);
        draft.target = draft.target.withNodes(table.freeze());
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

    private void trim(final TargetTable table) {
        final TargetFill fill = fill(table);
        for (int unit = 0; unit < table.units(); unit++) {
            fill.trim(unit, draft.target.replicas());
        }
    }

    private TargetFill fill(final TargetTable table) {
        return new TargetFill(
                table,
                new TargetFill.Facts(
                        (unit, nodeId) -> draft.holds(nodeId, table.key(unit)),
                        (unit, nodeId) -> failing(nodeId, table.key(unit)),
                        doubts::about,
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

    private void rescue(final TargetTable table, final TargetFill fill) {
        final SortedMap<Integer, Target.Rescue> rescues = new TreeMap<>(draft.target.rescues());
        int started = 0;
        for (int unit = 0; unit < table.units(); unit++) {
            final int of = unit;
            final List<Integer> doubtful = table.nodesOf(unit).stream()
                    .filter(nodeId -> doubts.about(of, nodeId))
                    .toList();
            final List<Integer> added =
                    doubtful.isEmpty() ? List.of() : new ArrayList<>(fill.rescue(unit, draft.target.replicas()));
            if (!added.isEmpty()) {
                final Target.Rescue before = rescues.get(unit);
                final boolean unanswered = doubts.nobodyAnswersFor(unit) || (before != null && before.unanswered());
                if (before != null) {
                    added.addAll(before.added());
                }
                final List<Integer> wished = before == null ? List.of() : before.wished();
                rescues.put(unit, new Target.Rescue(doubtful, added, wished, unanswered, draft.nowNs));
                started++;
            }
        }
        if (started > 0) {
            draft.target = draft.target.withRescues(rescues);
            draft.note(
                    Kind.RESCUE,
                    started + " units are loaded elsewhere early: their nodes were silent for "
                            + draft.rules.members().silentNs() / 1_000_000
                            + " ms, or no router gets answers from them");
        }
    }

    private void endRescues(final TargetTable table, final TargetFill fill) {
        if (!draft.target.rescues().isEmpty()) {
            final SortedMap<Integer, Target.Rescue> rescues = new TreeMap<>(draft.target.rescues());
            rescues.replaceAll((unit, rescue) -> withoutLostWish(table, unit, rescue));
            rescues.entrySet().removeIf(entry -> {
                final boolean ends = ends(table, entry.getKey(), entry.getValue());
                if (ends) {
                    fill.trim(entry.getKey(), draft.target.replicas());
                }
                return ends;
            });
            draft.target = draft.target.withRescues(rescues);
        }
    }

    /** A wish that can't come true any more is given up, and not in silence. */
    private Target.Rescue withoutLostWish(final TargetTable table, final int unit, final Target.Rescue rescue) {
        if (rescue.wished().isEmpty() || !listedOf(table, unit, rescue.wished()).isEmpty()) {
            return rescue;
        }
        draft.note(
                Kind.TARGET,
                table.key(unit) + " doesn't go to nodes " + rescue.wished()
                        + " as was wished: they could not load it, may not be used any more or had no room; it is to be on nodes "
                        + table.nodesOf(unit));
        return rescue.moved(rescue.wished(), List.of());
    }

    /** Whether the doubtful nodes are gone, or one side has proved itself for so long that the other may be let go. */
    private boolean ends(final TargetTable table, final int unit, final Target.Rescue rescue) {
        final List<Integer> doubtful = listedOf(table, unit, rescue.doubtful());
        final List<Integer> added = listedOf(table, unit, rescue.added());
        final List<Integer> wished = listedOf(table, unit, rescue.wished());
        if (!wished.isEmpty()) {
            return wishIsDone(table, unit, rescue, wished);
        }
        if (doubtful.isEmpty() || added.isEmpty()) {
            return true;
        }
        if (!draft.reached(rescue.sinceNs() + draft.rules.replicas().rescueHoldNs()) || doubts.nobodyAnswersFor(unit)) {
            return false;
        }
        final List<Integer> letGo = rescue.unanswered() ? doubtful : added;
        final List<Integer> kept = rescue.unanswered() ? added : doubtful;
        final boolean proved = allServe(table, unit, kept);
        if (proved) {
            letGo(table, unit, letGo);
        }
        return proved;
    }

    /**
     * Whether the unit is where somebody wanted it in the midst of the rescue, so that what it has more may be let go.
     */
    private boolean wishIsDone(
            final TargetTable table, final int unit, final Target.Rescue rescue, final List<Integer> wished) {
        if (!allServe(table, unit, wished) || doubts.nobodyAnswersFor(unit)) {
            return false;
        }
        letGo(table, unit, Target.Rescue.without(rescue.doubtful(), wished));
        letGo(table, unit, Target.Rescue.without(rescue.added(), wished));
        return true;
    }

    private boolean allServe(final TargetTable table, final int unit, final List<Integer> nodes) {
        return nodes.stream().allMatch(nodeId -> draft.holds(nodeId, table.key(unit)) && !doubts.isUnheard(nodeId));
    }

    private void letGo(final TargetTable table, final int unit, final List<Integer> nodes) {
        nodes.stream()
                .filter(nodeId -> table.copies(unit) > draft.target.replicas())
                .forEach(nodeId -> table.remove(unit, nodeId));
    }

    private static List<Integer> listedOf(final TargetTable table, final int unit, final List<Integer> nodes) {
        return nodes.stream().filter(nodeId -> table.lists(unit, nodeId)).toList();
    }
}
