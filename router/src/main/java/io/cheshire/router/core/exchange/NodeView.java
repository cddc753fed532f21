package io.cheshire.router.core.exchange;

import io.cheshire.coordinator.protocol.Placement;
import java.util.List;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The nodes as this router sees them, and the one place where a shard's node is chosen. A node is live from its
 * handshake until its connection is lost or it says that it serves another model.
 */
final class NodeView {
    static final int NO_NODE = -1;

    private final Int2ObjectHashMap<NodeState> states = new Int2ObjectHashMap<>();
    private int[][] nodesByUnit = {};
    private int expertsPerLayer = 1;
    private long epoch = -1;
    private long version;

    private static final class NodeState {
        boolean live;
        int openRows;
    }

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

    long version() {
        return version;
    }

    /** The first live node that holds the unit, or {@link #NO_NODE}. */
    int choose(final int layer, final int expert) {
        final int unit = layer * expertsPerLayer + expert;
        if (unit >= nodesByUnit.length) {
            return NO_NODE;
        }
        for (final int nodeId : nodesByUnit[unit]) {
            if (state(nodeId).live) {
                return nodeId;
            }
        }
        return NO_NODE;
    }

    /** Whether every unit of a model with {@code unitCount} units has a live node. */
    boolean everyUnitLive(final int unitCount) {
        if (nodesByUnit.length < unitCount) {
            return false;
        }
        for (int unit = 0; unit < unitCount; unit++) {
            if (choose(unit / expertsPerLayer, unit % expertsPerLayer) == NO_NODE) {
                return false;
            }
        }
        return true;
    }

    void ready(final int nodeId) {
        final NodeState state = state(nodeId);
        version++;
        state.live = true;
        state.openRows = 0;
    }

    void gone(final int nodeId) {
        final NodeState state = state(nodeId);
        version++;
        state.live = false;
        state.openRows = 0;
    }

    boolean isLive(final int nodeId) {
        return state(nodeId).live;
    }

    void forget(final int nodeId) {
        states.remove(nodeId);
    }

    /** Rows of this router that the node has been sent and not answered. */
    int openRows(final int nodeId) {
        return state(nodeId).openRows;
    }

    void addOpenRows(final int nodeId, final int rows) {
        final NodeState state = state(nodeId);
        state.openRows = Math.max(0, state.openRows + rows);
    }

    private NodeState state(final int nodeId) {
        NodeState state = states.get(nodeId);
        if (state == null) {
            state = new NodeState();
            states.put(nodeId, state);
        }
        return state;
    }
}
