package io.cheshire.coordinator.core;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the placement ought to become. Sticky: it starts from the homes, then changes only where membership, memory, failures or
 * somebody's wish demand it, so what was moved on purpose stays where it was put. Immutable.
 *
 * @param nodesByUnit for every unit index the nodes that ought to hold it, the first one first
 * @param replicas    nodes that each unit ought to have, as far as memory goes
 * @param rescues     units that got a further node because theirs may not answer, by unit index
 */
record Target(List<List<Integer>> nodesByUnit, int replicas, SortedMap<Integer, Rescue> rescues) {
    /**
     * A unit that was loaded elsewhere for doubtful nodes.
     *
     * @param doubtful   nodes that were to hold it and may not answer
     * @param added      nodes that are to hold it for that reason
     * @param unanswered whether routers said so; else the nodes were silent
     * @param sinceNs    when that was decided
     */
    record Rescue(List<Integer> doubtful, List<Integer> added, boolean unanswered, long sinceNs) {
        Rescue {
            doubtful = List.copyOf(doubtful);
            added = List.copyOf(added);
        }
    }

    Target {
        nodesByUnit = nodesByUnit.stream().map(List::copyOf).toList();
        rescues = Collections.unmodifiableSortedMap(new TreeMap<>(rescues));
    }

    static Target nobody(final PlacementRules rules) {
        return new Target(Collections.nCopies(rules.model().unitCount(), List.of()), rules.replicas(), new TreeMap<>());
    }

    Target withNodes(final List<List<Integer>> nodes) {
        return new Target(nodes, replicas, rescues);
    }

    Target withReplicas(final int wanted) {
        return new Target(nodesByUnit, wanted, rescues);
    }

    Target withRescues(final SortedMap<Integer, Rescue> now) {
        return new Target(nodesByUnit, replicas, now);
    }
}
