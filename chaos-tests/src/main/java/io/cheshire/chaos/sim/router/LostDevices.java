package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.world.World;
import java.util.HashMap;
import java.util.Map;

/** Which lives of nodes have told a router that their GPU is lost: they must not be asked for anything any more. */
final class LostDevices {
    private static final long NONE = 0;

    private final World world;
    private final String router;
    /** Lives that the router is connected with. */
    private final Map<Integer, Long> connected = new HashMap<>();

    private final Map<Integer, Long> withoutDevice = new HashMap<>();

    LostDevices(final World world, final String router) {
        this.world = world;
        this.router = router;
    }

    void connected(final int nodeId, final long incarnation) {
        connected.put(nodeId, incarnation);
    }

    /** The life that the router is connected with says so. */
    void lost(final int nodeId) {
        withoutDevice.put(nodeId, connected.getOrDefault(nodeId, NONE));
    }

    /** Something is asked of a node. */
    void asked(final int nodeId) {
        final Long lost = withoutDevice.get(nodeId);
        if (lost != null && lost.equals(connected.get(nodeId))) {
            world.violate("a node whose GPU is lost is asked for nothing", router + " asked node " + nodeId);
        }
    }
}
