package io.cheshire.router.core.exchange;

import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.router.core.exchange.PeerNode.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;

/** The placement and the nodes as this router sees them. */
final class NodeView {
    private static final int[] NOBODY = {};

    private final Int2ObjectHashMap<PeerNode> states = new Int2ObjectHashMap<>();
    private int[][] nodesByUnit = {};
    private int expertsPerLayer = 1;
    private long epoch = -1;
    private long version;

    void placement(final Placement placement) {
        version++;
        epoch = placement.epoch();
        expertsPerLayer = placement.expertsPerLayer();
        final List<List<Integer>> units = placement.nodesByUnit();
        nodesByUnit = new int[units.size()][];
        for (int unit = 0; unit < nodesByUnit.length; unit++) {
            nodesByUnit[unit] =
                    units.get(unit).stream().mapToInt(Integer::intValue).toArray();
        }
    }

    long epoch() {
        return epoch;
    }

    /** Grows whenever a node may be chosen, or no longer chosen, that was not before. */
    long version() {
        return version;
    }

    /** The nodes that hold the unit, the preferred one first. */
    int[] replicas(final int layer, final int expert) {
        final int unit = layer * expertsPerLayer + expert;
        return unit < nodesByUnit.length ? nodesByUnit[unit] : NOBODY;
    }

    /** Whether the node holds the unit by the current placement. */
    boolean lists(final int layer, final int expert, final int nodeId) {
        for (final int listed : replicas(layer, expert)) {
            if (listed == nodeId) {
                return true;
            }
        }
        return false;
    }

    PeerNode state(final int nodeId) {
        PeerNode state = states.get(nodeId);
        if (state == null) {
            state = new PeerNode(nodeId);
            states.put(nodeId, state);
        }
        return state;
    }

    Collection<PeerNode> all() {
        return states.values();
    }

    void status(final PeerNode state, final Status status) {
        version++;
        state.status = status;
    }

    void forget(final int nodeId) {
        version++;
        states.remove(nodeId);
    }

    /** Whether every unit of a model with {@code unitCount} units has a connected node. */
    boolean everyUnitConnected(final int unitCount) {
        if (nodesByUnit.length < unitCount) {
            return false;
        }
        for (int unit = 0; unit < unitCount; unit++) {
            if (!anyConnected(nodesByUnit[unit])) {
                return false;
            }
        }
        return true;
    }

    private boolean anyConnected(final int[] nodeIds) {
        for (final int nodeId : nodeIds) {
            if (state(nodeId).isConnected()) {
                return true;
            }
        }
        return false;
    }

    /** Units of the placement without a node that answers or is about to connect. */
    List<ExpertKey> unanswered() {
        final List<ExpertKey> keys = new ArrayList<>();
        for (int unit = 0; unit < nodesByUnit.length; unit++) {
            if (nobodyAnswers(nodesByUnit[unit])) {
                keys.add(ExpertKey.ofUnitIndex(unit, expertsPerLayer));
            }
        }
        return keys;
    }

    boolean nobodyAnswers(final int[] nodeIds) {
        for (final int nodeId : nodeIds) {
            switch (state(nodeId).status) {
                case CONNECTING, LIVE -> {
                    return false;
                }
                case SUSPECT, GONE -> {}
            }
        }
        return true;
    }
}
