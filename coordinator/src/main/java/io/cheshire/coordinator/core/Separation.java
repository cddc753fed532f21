package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.ClusterEvent.Kind;
import io.cheshire.model.protocol.ExpertKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Moves copies apart that share a failure domain although a node in another one has room: a node joined, came back with
 * another domain, or memory was freed. One object serves one event.
 *
 * <p>A repair like others: the target changes, the node loads, an epoch lists it, the old copy is released. So that it
 * never costs a copy on the way, a node is given one only where it has memory beside all that it still holds; full
 * nodes exchange only what neither has begun to load. So that it never delays what is more urgent, a node is given no
 * more at a time than it loads at once, and nothing while a lost node is waited for. What an operator put together
 * stays together.
 */
final class Separation {
    private final StateBuilder draft;
    private final TargetTable table;
    private final Suspicions doubts;
    private final FailureDomains domains;
    private final Map<Integer, Integer> pending = new HashMap<>();
    private final Map<Integer, Integer> occupied = new HashMap<>();
    /** What the target was before the table changed, but for what operators want together. */
    private final Target before;
    /** Whether other copies were chosen at this event; else exchanges were tried before and nothing is new. */
    private final boolean anew;

    Separation(final StateBuilder draft, final TargetTable table, final Suspicions doubts, final Target before) {
        this.draft = draft;
        this.table = table;
        this.doubts = doubts;
        this.before = before;
        this.domains = draft.failureDomains();
        this.anew = domains.anyNamed() && !table.freeze().equals(before.nodesByUnit());
    }

    /** The target with the unit's copies left where an operator put them if they share a failure domain. */
    static Target wished(final FailureDomains domains, final Target target, final int unit) {
        if (!domains.isShared(target.nodesByUnit().get(unit), target.replicas())) {
            return target;
        }
        final SortedSet<Integer> together = new TreeSet<>(target.together());
        together.add(unit);
        return target.withTogether(together);
    }

    /** Says of a unit that was just moved by an operator that its copies share a failure domain; empty: they don't. */
    static String warningOf(final FailureDomains domains, final Target target, final int unit) {
        final List<Integer> nodes = target.nodesByUnit().get(unit);
        if (!domains.isShared(nodes, target.replicas())) {
            return "";
        }
        return "; WARNING: its copies on nodes " + nodes + " then share a failure domain: "
                + nodes.stream().map(domains::of).toList()
                + (domains.count(nodes) == 1 ? ", whose loss leaves nobody who has it" : "");
    }

    /** Moves copies apart in the table; returns the target with the wishes that still hold. */
    Target movedApart() {
        if (!domains.anyNamed()) {
            return before;
        }
        final Target target = withoutOldWishes();
        final List<Integer> sharing = sharing(target);
        if (sharing.isEmpty() || !draft.reached(target.restoreNs())) {
            return target;
        }
        count();
        int moved = 0;
        for (final int unit : sharing) {
            moved += moveApart(unit) ? 1 : 0;
        }
        if (moved > 0) {
            draft.note(
                    Kind.SEPARATION,
                    moved + " of " + sharing.size()
                            + " units whose copies share a failure domain are loaded in another one");
        }
        return target;
    }

    /** What an operator put together and isn't any more is kept apart from then on. */
    private Target withoutOldWishes() {
        final SortedSet<Integer> together = new TreeSet<>(before.together());
        return together.removeIf(unit -> !domains.isShared(table.nodesOf(unit), before.replicas()))
                ? before.withTogether(together)
                : before;
    }

    private List<Integer> sharing(final Target target) {
        return IntStream.range(0, table.units())
                .filter(unit -> !target.together().contains(unit)
                        && !target.rescues().containsKey(unit)
                        && domains.isShared(table.nodesOf(unit), target.replicas()))
                .boxed()
                .sorted(Comparator.comparingLong((Integer unit) -> -draft.load(unit)))
                .toList();
    }

    /** What nodes have still to load, and what is in their memory until they have let go of it. */
    private void count() {
        final Map<Integer, Set<ExpertKey>> keys = new HashMap<>();
        for (final int nodeId : table.ring()) {
            final NodeMember node = draft.nodes.get(nodeId);
            final Set<ExpertKey> held = new HashSet<>();
            if (node != null) {
                held.addAll(node.units().held().keySet());
                held.addAll(node.loading().keySet());
            }
            keys.put(nodeId, held);
        }
        for (int unit = 0; unit < table.units(); unit++) {
            final ExpertKey key = table.key(unit);
            for (final int nodeId : table.nodesOf(unit)) {
                final Set<ExpertKey> there = keys.get(nodeId);
                if (there != null && !draft.holds(nodeId, key)) {
                    pending.merge(nodeId, 1, Integer::sum);
                    there.add(key);
                }
            }
        }
        keys.forEach((nodeId, there) -> occupied.put(nodeId, there.size()));
    }

    private boolean moveApart(final int unit) {
        final List<Integer> nodes = table.nodesOf(unit);
        final Optional<Integer> from = spare(unit, nodes);
        if (from.isEmpty()) {
            return false;
        }
        final Optional<Integer> to = elsewhere(unit, nodes);
        if (to.isEmpty()) {
            return anew && isFree(unit, from.get()) && exchange(unit, nodes, from.get());
        }
        table.replace(unit, from.get(), to.get());
        if (!draft.holds(to.get(), table.key(unit))) {
            pending.merge(to.get(), 1, Integer::sum);
            occupied.merge(to.get(), 1, Integer::sum);
        }
        return true;
    }

    /** A node in a failure domain without a copy that may load one now. */
    private Optional<Integer> elsewhere(final int unit, final List<Integer> nodes) {
        final int layer = table.key(unit).layer();
        return table.ring().stream()
                .filter(nodeId ->
                        domains.countWith(nodeId, nodes) == 0 && table.hasRoom(nodeId) && mayLoad(unit, nodeId))
                .min(Comparator.comparing((Integer nodeId) -> !draft.holds(nodeId, table.key(unit)))
                        .thenComparingInt(nodeId -> table.countInLayer(layer, nodeId))
                        .thenComparingInt(table::total)
                        .thenComparingInt(nodeId -> table.distanceFromHome(unit, nodeId)));
    }

    private boolean mayLoad(final int unit, final int nodeId) {
        final NodeMember node = draft.nodes.get(nodeId);
        if (node == null || !isWell(unit, nodeId)) {
            return false;
        }
        return draft.holds(nodeId, table.key(unit))
                || (occupied.getOrDefault(nodeId, 0) < node.capacity()
                        && pending.getOrDefault(nodeId, 0) < draft.rules.loads().open());
    }

    /** Whether the node is heard of and hasn't just failed to load the unit. */
    private boolean isWell(final int unit, final int nodeId) {
        final NodeMember node = draft.nodes.get(nodeId);
        if (node == null || doubts.isUnheard(nodeId) || doubts.about(unit, nodeId, before)) {
            return false;
        }
        final NodeUnits.LoadFailure failure = node.failures().get(table.key(unit));
        return failure == null || draft.reached(failure.retryNs());
    }

    /** Whether nobody has begun to load it there, so that it costs nothing to have it elsewhere. */
    private boolean isFree(final int unit, final int nodeId) {
        final NodeMember node = draft.nodes.get(nodeId);
        final ExpertKey key = table.key(unit);
        return node != null
                && !node.units().held().containsKey(key)
                && !node.loading().containsKey(key);
    }

    /** Where all is full, a copy that is yet to be loaded changes places with another one that is. */
    private boolean exchange(final int unit, final List<Integer> nodes, final int from) {
        for (int other = 0; other < table.units(); other++) {
            final List<Integer> others = table.nodesOf(other);
            for (final int to : others.contains(from) ? List.<Integer>of() : others) {
                if (domains.countWith(to, nodes) == 0
                        && isFree(other, to)
                        && isWell(unit, to)
                        && isWell(other, from)
                        && domains.countWith(from, Target.Rescue.without(others, List.of(to))) == 0) {
                    table.replace(other, to, from);
                    table.replace(unit, from, to);
                    return true;
                }
            }
        }
        return false;
    }

    /** Of the copies that share a failure domain the one that goes: best one that isn't there yet. */
    private Optional<Integer> spare(final int unit, final List<Integer> nodes) {
        final int layer = table.key(unit).layer();
        return nodes.stream()
                .filter(nodeId -> domains.countWith(nodeId, nodes) > 1)
                .max(Comparator.comparing((Integer nodeId) -> !draft.holds(nodeId, table.key(unit)))
                        .thenComparingInt(nodeId -> table.countInLayer(layer, nodeId))
                        .thenComparingInt(table::total)
                        .thenComparingInt(nodeId -> table.distanceFromHome(unit, nodeId)));
    }
}
