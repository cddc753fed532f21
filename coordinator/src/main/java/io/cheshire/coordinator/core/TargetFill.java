package io.cheshire.coordinator.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Brings a {@link TargetTable} back to what it ought to be with as few moves as possible: what is placed stays where it
 * is. All choices are deterministic, so that two coordinators that know the same decide the same. One object serves one
 * event.
 */
final class TargetFill {
    /** What is known of units on nodes. */
    record Facts(
            BiPredicate<Integer, Integer> holds,
            BiPredicate<Integer, Integer> failing,
            BiPredicate<Integer, Integer> suspect,
            Predicate<Integer> unheard,
            ToLongFunction<Integer> load) {}

    private final TargetTable table;
    private final Facts facts;
    private final FailureDomains domains;

    /**
     * @param facts predicates take (unit, node): the node holds the unit; the node failed to load it and tries again
     *              only later; the node may not answer for it. {@code unheard}: the node was not heard of for too long,
     *              whether or not that leads to anything. {@code load} gives a unit's rows
     * @param domains what copies of a unit keep apart by
     */
    TargetFill(final TargetTable table, final Facts facts, final FailureDomains domains) {
        this.table = table;
        this.facts = facts;
        this.domains = domains;
    }

    /**
     * Gives units further nodes until each has {@code replicas}, or no node has room. First every unit gets one, then
     * every unit a second and so on; among equals the most loaded units first.
     */
    void fill(final int replicas) {
        final List<Integer> units = mostLoadedFirst();
        for (int level = 1; level <= replicas && table.anyHasRoom(); level++) {
            for (final int unit : units) {
                if (table.copies(unit) < level) {
                    bestFor(unit).ifPresent(nodeId -> table.add(unit, nodeId));
                }
            }
        }
    }

    /** Where no memory is left, a unit without any node takes the place of another's replica. */
    void makeRoomForTheLonely() {
        for (final int unit : mostLoadedFirst()) {
            if (table.copies(unit) == 0 && !table.ring().isEmpty()) {
                spareReplica().ifPresent(spare -> {
                    table.remove(spare.unit(), spare.nodeId());
                    table.add(unit, spare.nodeId());
                });
            }
        }
    }

    /** A unit that a node keeps failing to load goes to another node that hasn't failed, if one has room. */
    void avoidFailures() {
        for (int unit = 0; unit < table.units(); unit++) {
            for (final int nodeId : table.nodesOf(unit)) {
                if (facts.failing().test(unit, nodeId) && !facts.holds().test(unit, nodeId)) {
                    final int failed = nodeId;
                    final int of = unit;
                    bestFor(unit, Target.Rescue.without(table.nodesOf(unit), List.of(failed)))
                            .filter(other -> !facts.failing().test(of, other))
                            .ifPresent(other -> table.replace(of, failed, other));
                }
            }
        }
    }

    /**
     * Adds nodes that answer to a unit whose nodes may not, until it has {@code replicas} of them; returns those added.
     */
    List<Integer> rescue(final int unit, final int replicas) {
        final List<Integer> added = new ArrayList<>();
        long healthy = table.nodesOf(unit).stream()
                .filter(nodeId -> !facts.suspect().test(unit, nodeId))
                .count();
        for (Optional<Integer> best = bestFor(unit); healthy < replicas && best.isPresent(); best = bestFor(unit)) {
            table.add(unit, best.get());
            added.add(best.get());
            healthy++;
        }
        return added;
    }

    /**
     * Takes nodes from units that have more than {@code replicas}: those of the failure domain with most copies first,
     * then those furthest filled, never the last that holds it.
     */
    void trim(final int unit, final int replicas) {
        while (table.copies(unit) > replicas) {
            final List<Integer> nodes = table.nodesOf(unit);
            final long holders = nodes.stream()
                    .filter(nodeId -> facts.holds().test(unit, nodeId))
                    .count();
            final int dropped = nodes.stream()
                    .filter(nodeId -> holders != 1 || !facts.holds().test(unit, nodeId))
                    .max(Comparator.comparingInt((Integer nodeId) -> domains.countWith(nodeId, nodes))
                            .thenComparing(nodeId -> !facts.holds().test(unit, nodeId))
                            .thenComparingInt(
                                    nodeId -> table.countInLayer(table.key(unit).layer(), nodeId))
                            .thenComparingInt(table::total)
                            .thenComparingInt(nodeId -> table.distanceFromHome(unit, nodeId)))
                    .orElseThrow();
            table.remove(unit, dropped);
        }
    }

    /**
     * A node that joins keeps what it holds where a node is missing, then takes its share of every layer: what is short
     * of nodes, and then from the fullest nodes.
     */
    void admit(final int newcomer, final int replicas) {
        for (int unit = 0; unit < table.units(); unit++) {
            if (facts.holds().test(unit, newcomer) && isShortAndFits(unit, newcomer, replicas)) {
                table.add(unit, newcomer);
            }
        }
        final int experts =
                table.units() == 0 ? 1 : table.key(table.units() - 1).expert() + 1;
        final int most = Math.ceilDiv(experts * replicas, table.ring().size());
        for (final int unit : mostLoadedFirst()) {
            if (table.countInLayer(table.key(unit).layer(), newcomer) < most
                    && isShortAndFits(unit, newcomer, replicas)
                    && isAsFarApartAsAny(unit, newcomer)) {
                table.add(unit, newcomer);
            }
        }
        for (int layer = 0; layer < table.units() / experts; layer++) {
            takeShare(layer, layer * experts, (layer + 1) * experts, newcomer);
        }
    }

    private boolean isShortAndFits(final int unit, final int nodeId, final int replicas) {
        return table.copies(unit) < replicas && !table.lists(unit, nodeId) && table.hasRoom(nodeId);
    }

    /** Whether no other node with room is further from the unit's copies. */
    private boolean isAsFarApartAsAny(final int unit, final int newcomer) {
        final List<Integer> nodes = table.nodesOf(unit);
        return table.ring().stream()
                .filter(nodeId -> table.hasRoom(nodeId) && !nodes.contains(nodeId))
                .allMatch(nodeId -> domains.countWith(nodeId, nodes) >= domains.countWith(newcomer, nodes));
    }

    private void takeShare(final int layer, final int firstUnit, final int endUnit, final int newcomer) {
        final int copies =
                IntStream.range(firstUnit, endUnit).map(table::copies).sum();
        final int fair = copies / table.ring().size();
        while (table.countInLayer(layer, newcomer) < fair && table.hasRoom(newcomer)) {
            final Optional<Spare> spare = fromTheFullest(layer, firstUnit, endUnit, newcomer);
            if (spare.isEmpty()) {
                return;
            }
            table.replace(spare.get().unit(), spare.get().nodeId(), newcomer);
        }
    }

    /** A copy of a unit that could be elsewhere. */
    private record Spare(int unit, int nodeId) {}

    private Optional<Spare> fromTheFullest(
            final int layer, final int firstUnit, final int endUnit, final int newcomer) {
        return IntStream.range(firstUnit, endUnit)
                .filter(unit -> !table.lists(unit, newcomer))
                .boxed()
                .flatMap(unit -> table.nodesOf(unit).stream().map(nodeId -> new Spare(unit, nodeId)))
                .filter(spare -> table.countInLayer(layer, spare.nodeId()) > table.countInLayer(layer, newcomer) + 1)
                .filter(spare -> nearer(spare, newcomer) <= 0)
                .min(Comparator.comparingInt((Spare spare) -> nearer(spare, newcomer))
                        .thenComparingInt(spare -> -table.countInLayer(layer, spare.nodeId()))
                        .thenComparing(spare -> table.distanceFromHome(spare.unit(), newcomer) != 0)
                        .thenComparingInt(spare -> -table.total(spare.nodeId()))
                        .thenComparingInt(Spare::unit)
                        .thenComparingInt(Spare::nodeId));
    }

    /**
     * How many more of the unit's other copies would be in the copy's failure domain if it were on {@code to} instead.
     */
    private int nearer(final Spare spare, final int to) {
        final List<Integer> others = Target.Rescue.without(table.nodesOf(spare.unit()), List.of(spare.nodeId()));
        return domains.countWith(to, others) - domains.countWith(spare.nodeId(), others);
    }

    private Optional<Spare> spareReplica() {
        return IntStream.range(0, table.units())
                .boxed()
                .filter(unit -> table.copies(unit) > 1)
                .flatMap(unit -> table.nodesOf(unit).stream()
                        .filter(nodeId -> table.nodesOf(unit).stream()
                                .anyMatch(other ->
                                        !other.equals(nodeId) && facts.holds().test(unit, other)))
                        .map(nodeId -> new Spare(unit, nodeId)))
                .min(Comparator.comparingInt((Spare spare) -> -table.copies(spare.unit()))
                        .thenComparingInt(spare -> -domains.countWith(spare.nodeId(), table.nodesOf(spare.unit())))
                        .thenComparingLong(spare -> facts.load().applyAsLong(spare.unit()))
                        .thenComparingInt(spare -> -spare.unit())
                        .thenComparingInt(spare -> -spare.nodeId()));
    }

    private Optional<Integer> bestFor(final int unit) {
        return bestFor(unit, table.nodesOf(unit));
    }

    /**
     * The node to hold a further copy: one that is heard of and hasn't failed to load it; among those one in another
     * failure domain than the other copies; then one that has it already, else the one with the least of the layer,
     * next to the home. {@code others}: where the other copies are.
     */
    private Optional<Integer> bestFor(final int unit, final List<Integer> others) {
        final int layer = table.key(unit).layer();
        final List<Integer> sure = others.stream()
                .filter(nodeId -> !facts.suspect().test(unit, nodeId))
                .toList();
        return table.ring().stream()
                .filter(nodeId -> table.hasRoom(nodeId)
                        && !table.lists(unit, nodeId)
                        && !facts.suspect().test(unit, nodeId))
                .min(Comparator.comparing((Integer nodeId) -> facts.unheard().test(nodeId))
                        .thenComparing(nodeId -> facts.failing().test(unit, nodeId))
                        .thenComparingInt(nodeId -> domains.countWith(nodeId, sure))
                        .thenComparingInt(nodeId -> domains.countWith(nodeId, others))
                        .thenComparing(nodeId -> !facts.holds().test(unit, nodeId))
                        .thenComparingInt(nodeId -> table.countInLayer(layer, nodeId))
                        .thenComparingInt(table::total)
                        .thenComparingInt(nodeId -> table.distanceFromHome(unit, nodeId)));
    }

    private List<Integer> mostLoadedFirst() {
        final List<Integer> units =
                new ArrayList<>(IntStream.range(0, table.units()).boxed().toList());
        units.sort(Comparator.comparingLong((Integer unit) -> -facts.load().applyAsLong(unit)));
        return units;
    }
}
