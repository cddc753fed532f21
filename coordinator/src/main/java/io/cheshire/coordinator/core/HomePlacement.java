package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The placement every cluster starts from: expert <i>e</i> in all its layers on node <i>e</i> mod <i>n</i>
 * (docs/glossary.md). Where that node's memory is full, the next one in the ring takes the unit; where all are full,
 * nobody does. A unit's one copy has nothing to keep apart from, so failure domains don't matter here.
 */
final class HomePlacement {
    private HomePlacement() {}

    /**
     * Which nodes ought to hold each unit.
     *
     * @param model     gives the units
     * @param ring      node ids in the order in which homes are dealt
     * @param unitsByNode memory of each node of the ring, in units; a node that is missing here isn't there yet
     * @return for each unit index its nodes, home first
     */
    static List<List<Integer>> target(
            final PlacedModel model, final List<Integer> ring, final SortedMap<Integer, Long> unitsByNode) {
        final SortedMap<Integer, Long> free = new TreeMap<>(unitsByNode);
        final List<List<Integer>> target = new ArrayList<>(model.unitCount());
        for (int unit = 0; unit < model.unitCount(); unit++) {
            final int expert =
                    ExpertKey.ofUnitIndex(unit, model.expertsPerLayer()).expert();
            target.add(firstWithRoom(ring, expert, free));
        }
        return target;
    }

    private static List<Integer> firstWithRoom(
            final List<Integer> ring, final int expert, final SortedMap<Integer, Long> free) {
        for (int step = 0; step < ring.size(); step++) {
            final int nodeId = ring.get((expert + step) % ring.size());
            final Long room = free.get(nodeId);
            if (room == null) {
                return List.of();
            }
            if (room > 0) {
                free.put(nodeId, room - 1);
                return List.of(nodeId);
            }
        }
        return List.of();
    }
}
