package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.model.protocol.ExpertKey;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * For every unit the nodes that ought to hold it, while they are being chosen, with the counts that the choice needs.
 * Nodes that may be given units are fixed; others may be listed but count for nothing. One object serves one event.
 */
final class TargetTable {
    private final PlacedModel model;
    private final SortedMap<Integer, Long> roomByNode;
    private final List<Integer> ring;
    private final List<List<Integer>> nodesByUnit;
    private final SortedMap<Integer, int[]> countsByNode = new TreeMap<>();

    /**
     * A table to change.
     *
     * @param model       gives the units
     * @param nodesByUnit for every unit index its nodes; copied
     * @param roomByNode  the nodes that may be given units, and how many each may hold
     */
    TargetTable(
            final PlacedModel model, final List<List<Integer>> nodesByUnit, final SortedMap<Integer, Long> roomByNode) {
        this.model = model;
        this.roomByNode = roomByNode;
        this.ring = List.copyOf(roomByNode.keySet());
        this.nodesByUnit = new ArrayList<>(nodesByUnit.size());
        roomByNode.keySet().forEach(nodeId -> countsByNode.put(nodeId, new int[model.layers() + 1]));
        for (int unit = 0; unit < nodesByUnit.size(); unit++) {
            final List<Integer> nodes = new ArrayList<>(nodesByUnit.get(unit));
            this.nodesByUnit.add(nodes);
            for (final int nodeId : nodes) {
                count(unit, nodeId, 1);
            }
        }
    }

    List<List<Integer>> freeze() {
        return nodesByUnit.stream().map(List::copyOf).toList();
    }

    int units() {
        return nodesByUnit.size();
    }

    ExpertKey key(final int unit) {
        return ExpertKey.ofUnitIndex(unit, model.expertsPerLayer());
    }

    int unit(final ExpertKey key) {
        return key.unitIndex(model.expertsPerLayer());
    }

    /** Ids of the nodes that may be given units, ascending. */
    List<Integer> ring() {
        return ring;
    }

    List<Integer> nodesOf(final int unit) {
        return List.copyOf(nodesByUnit.get(unit));
    }

    int copies(final int unit) {
        return nodesByUnit.get(unit).size();
    }

    boolean lists(final int unit, final int nodeId) {
        return nodesByUnit.get(unit).contains(nodeId);
    }

    boolean hasRoom(final int nodeId) {
        final Long room = roomByNode.get(nodeId);
        return room != null && total(nodeId) < room;
    }

    boolean anyHasRoom() {
        return roomByNode.keySet().stream().anyMatch(this::hasRoom);
    }

    /** Units of a layer that the node ought to hold. */
    int countInLayer(final int layer, final int nodeId) {
        return countsOf(nodeId)[layer];
    }

    /** Units that the node ought to hold. */
    int total(final int nodeId) {
        return countsOf(nodeId)[model.layers()];
    }

    void add(final int unit, final int nodeId) {
        nodesByUnit.get(unit).add(nodeId);
        count(unit, nodeId, 1);
    }

    void remove(final int unit, final int nodeId) {
        if (nodesByUnit.get(unit).remove(Integer.valueOf(nodeId))) {
            count(unit, nodeId, -1);
        }
    }

    /** Puts one node in the place of another. */
    void replace(final int unit, final int from, final int to) {
        final List<Integer> nodes = nodesByUnit.get(unit);
        nodes.set(nodes.indexOf(from), to);
        count(unit, from, -1);
        count(unit, to, 1);
    }

    /** Drops the nodes that may not be given units. */
    void retainPlaceable() {
        nodesByUnit.forEach(nodes -> nodes.removeIf(nodeId -> !roomByNode.containsKey(nodeId)));
    }

    /** Steps in the ring from the unit's home to the node. */
    int distanceFromHome(final int unit, final int nodeId) {
        return Math.floorMod(ring.indexOf(nodeId) - key(unit).expert() % ring.size(), ring.size());
    }

    private int[] countsOf(final int nodeId) {
        final int[] counts = countsByNode.get(nodeId);
        if (counts == null) {
            throw new IllegalArgumentException("node " + nodeId + " may not be given units; " + ring + " may");
        }
        return counts;
    }

    private void count(final int unit, final int nodeId, final int by) {
        final int[] counts = countsByNode.get(nodeId);
        if (counts != null) {
            counts[unit / model.expertsPerLayer()] += by;
            counts[model.layers()] += by;
        }
    }
}
