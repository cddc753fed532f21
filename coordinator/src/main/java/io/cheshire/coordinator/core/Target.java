package io.cheshire.coordinator.core;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What the placement ought to become. Sticky: it starts from the homes, then changes only where membership, memory,
 * failures or somebody's wish demand it, so what was moved on purpose stays where it was put. Immutable.
 *
 * @param nodesByUnit for every unit index the nodes that ought to hold it, the first one first
 * @param replicas    nodes that each unit ought to have, as far as memory goes
 * @param rescues     units that got a further node because theirs may not answer, by unit index
 * @param restoreNs   until then units that lost a node wait for it, as long as they are on another
 * @param together    units that an operator put where their copies share a failure domain, by unit index: they stay so
 */
record Target(
        List<List<Integer>> nodesByUnit,
        int replicas,
        SortedMap<Integer, Rescue> rescues,
        long restoreNs,
        SortedSet<Integer> together) {
    /**
     * A unit that was loaded elsewhere for doubtful nodes.
     *
     * @param doubtful   nodes that were to hold it and may not answer
     * @param added      nodes that are to hold it for that reason
     * @param wished     nodes that somebody wanted to hold it since, in place of some of these: they stay, and once
     *                   they serve it the others go
     * @param unanswered whether routers said so; else the nodes were silent
     * @param sinceNs    when that was decided
     */
    record Rescue(List<Integer> doubtful, List<Integer> added, List<Integer> wished, boolean unanswered, long sinceNs) {
        Rescue {
            doubtful = List.copyOf(doubtful);
            added = List.copyOf(added);
            wished = List.copyOf(wished);
        }

        /** Whether the node holds the unit because of the rescue, or in spite of it. */
        boolean involves(final int nodeId) {
            return doubtful.contains(nodeId) || added.contains(nodeId) || wished.contains(nodeId);
        }

        /** Somebody wants the unit on these nodes instead of those. */
        Rescue moved(final List<Integer> from, final List<Integer> to) {
            return new Rescue(
                    without(doubtful, from),
                    without(added, from),
                    Stream.concat(without(wished, from).stream(), to.stream()).toList(),
                    unanswered,
                    sinceNs);
        }

        static List<Integer> without(final List<Integer> nodes, final List<Integer> gone) {
            return nodes.stream().filter(nodeId -> !gone.contains(nodeId)).toList();
        }
    }

    Target {
        nodesByUnit = nodesByUnit.stream().map(List::copyOf).toList();
        rescues = Collections.unmodifiableSortedMap(new TreeMap<>(rescues));
        together = Collections.unmodifiableSortedSet(new TreeSet<>(together));
    }

    static Target nobody(final PlacementRules rules, final long nowNs) {
        return new Target(
                Collections.nCopies(rules.model().unitCount(), List.of()),
                rules.replicas().perUnit(),
                new TreeMap<>(),
                nowNs,
                new TreeSet<>());
    }

    Target withNodes(final List<List<Integer>> nodes) {
        return new Target(nodes, replicas, rescues, restoreNs, together);
    }

    /**
     * What somebody wishes; where a unit has more copies for now because of a rescue, the wish says which ones stay.
     */
    Target wished(final List<List<Integer>> nodes) {
        final SortedMap<Integer, Rescue> after = new TreeMap<>(rescues);
        after.replaceAll((unit, rescue) -> {
            final List<Integer> gone = Rescue.without(nodesByUnit.get(unit), nodes.get(unit));
            final List<Integer> come = Rescue.without(nodes.get(unit), nodesByUnit.get(unit));
            final boolean about = gone.isEmpty() || gone.stream().anyMatch(rescue::involves);
            return come.isEmpty() || !about ? rescue : rescue.moved(gone, come);
        });
        return new Target(nodes, replicas, after, restoreNs, together);
    }

    Target withReplicas(final int wanted) {
        return new Target(nodesByUnit, wanted, rescues, restoreNs, together);
    }

    Target withTogether(final SortedSet<Integer> units) {
        return new Target(nodesByUnit, replicas, rescues, restoreNs, units);
    }

    Target withRescues(final SortedMap<Integer, Rescue> now) {
        return new Target(nodesByUnit, replicas, now, restoreNs, together);
    }

    /**
     * Units that just lost a node wait for it until then. While some wait already the first deadline stays, or a node
     * that is lost again and again would keep all others' units short.
     */
    Target waitingUntil(final long deadlineNs, final long nowNs) {
        return restoreNs - nowNs > 0 ? this : new Target(nodesByUnit, replicas, rescues, deadlineNs, together);
    }
}
