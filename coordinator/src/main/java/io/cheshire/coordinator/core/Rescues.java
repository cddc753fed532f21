package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Units whose nodes may not answer get a further one, and once one side has proved itself for a while the other is let
 * go. One object serves one event.
 */
final class Rescues {
    private final StateBuilder draft;
    private final Suspicions doubts;

    Rescues(final StateBuilder draft, final Suspicions doubts) {
        this.draft = draft;
        this.doubts = doubts;
    }

    /** Units whose nodes may not answer get further ones in the table. */
    Target begun(final TargetTable table, final TargetFill fill, final Target target) {
        final SortedMap<Integer, Target.Rescue> rescues = new TreeMap<>(target.rescues());
        int started = 0;
        for (int unit = 0; unit < table.units(); unit++) {
            final int of = unit;
            final List<Integer> doubtful = table.nodesOf(unit).stream()
                    .filter(nodeId -> doubts.about(of, nodeId, target))
                    .toList();
            final List<Integer> added =
                    doubtful.isEmpty() ? List.of() : new ArrayList<>(fill.rescue(unit, target.replicas()));
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
        if (started == 0) {
            return target;
        }
        draft.note(
                Kind.RESCUE,
                started + " units are loaded elsewhere early: their nodes were silent for "
                        + draft.rules.members().silentNs() / 1_000_000
                        + " ms, or no router gets answers from them");
        return target.withRescues(rescues);
    }

    /** Rescues that end let go of nodes in the table. */
    Target ended(final TargetTable table, final TargetFill fill, final Target target) {
        if (target.rescues().isEmpty()) {
            return target;
        }
        final SortedMap<Integer, Target.Rescue> rescues = new TreeMap<>(target.rescues());
        rescues.replaceAll((unit, rescue) -> withoutLostWish(table, unit, rescue));
        rescues.entrySet().removeIf(entry -> {
            final boolean ends = ends(table, entry.getKey(), entry.getValue(), target.replicas());
            if (ends) {
                fill.trim(entry.getKey(), target.replicas());
            }
            return ends;
        });
        return target.withRescues(rescues);
    }

    /** A wish that can't come true any more is given up, and not in silence. */
    private Target.Rescue withoutLostWish(final TargetTable table, final int unit, final Target.Rescue rescue) {
        if (rescue.wished().isEmpty() || !listedOf(table, unit, rescue.wished()).isEmpty()) {
            return rescue;
        }
        draft.note(
                Kind.TARGET,
                table.key(unit) + " doesn't go to nodes " + rescue.wished()
                        + " as was wished: they could not load it, may not be used any more or had no room; "
                        + "it is to be on nodes "
                        + table.nodesOf(unit));
        return rescue.moved(rescue.wished(), List.of());
    }

    /** Whether the doubtful nodes are gone, or one side has proved itself for so long that the other may be let go. */
    private boolean ends(final TargetTable table, final int unit, final Target.Rescue rescue, final int replicas) {
        final List<Integer> doubtful = listedOf(table, unit, rescue.doubtful());
        final List<Integer> added = listedOf(table, unit, rescue.added());
        final List<Integer> wished = listedOf(table, unit, rescue.wished());
        if (!wished.isEmpty()) {
            return wishIsDone(table, unit, rescue, wished, replicas);
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
            letGo(table, unit, letGo, replicas);
        }
        return proved;
    }

    /**
     * Whether the unit is where somebody wanted it in the midst of the rescue, so that what it has more may be let go.
     */
    private boolean wishIsDone(
            final TargetTable table,
            final int unit,
            final Target.Rescue rescue,
            final List<Integer> wished,
            final int replicas) {
        if (!allServe(table, unit, wished) || doubts.nobodyAnswersFor(unit)) {
            return false;
        }
        letGo(table, unit, Target.Rescue.without(rescue.doubtful(), wished), replicas);
        letGo(table, unit, Target.Rescue.without(rescue.added(), wished), replicas);
        return true;
    }

    private boolean allServe(final TargetTable table, final int unit, final List<Integer> nodes) {
        return nodes.stream().allMatch(nodeId -> draft.holds(nodeId, table.key(unit)) && !doubts.isUnheard(nodeId));
    }

    private static void letGo(final TargetTable table, final int unit, final List<Integer> nodes, final int replicas) {
        nodes.stream().filter(nodeId -> table.copies(unit) > replicas).forEach(nodeId -> table.remove(unit, nodeId));
    }

    private static List<Integer> listedOf(final TargetTable table, final int unit, final List<Integer> nodes) {
        return nodes.stream().filter(nodeId -> table.lists(unit, nodeId)).toList();
    }
}
