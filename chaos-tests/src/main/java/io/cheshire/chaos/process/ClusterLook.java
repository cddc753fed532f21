package io.cheshire.chaos.process;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code GET /admin/v1/cluster} says of the placement.
 *
 * @param epoch           published last
 * @param phase           what the coordinator is doing
 * @param complete        whether every member reported for it
 * @param expertsPerLayer experts in each layer
 * @param holders         nodes of each unit, layer by layer
 * @param serving         nodes in state SERVING
 * @param lastRescue      number of the coordinator's last event by which it loaded a silent node's units elsewhere; -1
 *                        without one
 */
public record ClusterLook(
        long epoch,
        String phase,
        boolean complete,
        int expertsPerLayer,
        List<List<Integer>> holders,
        List<Integer> serving,
        long lastRescue) {
    /** Reads the answer. */
    public static ClusterLook of(final JsonNode cluster) {
        final List<List<Integer>> holders = new ArrayList<>();
        for (final JsonNode unit : cluster.at("/placement/nodesByUnit")) {
            final List<Integer> nodes = new ArrayList<>();
            unit.forEach(node -> nodes.add(node.intValue()));
            holders.add(List.copyOf(nodes));
        }
        final List<Integer> serving = new ArrayList<>();
        for (final JsonNode node : cluster.get("nodes")) {
            if (node.get("state").asText().equals("SERVING")) {
                serving.add(node.get("nodeId").intValue());
            }
        }
        long lastRescue = -1;
        for (final JsonNode event : cluster.get("events")) {
            if (event.get("kind").asText().equals("RESCUE")) {
                lastRescue = event.get("sequence").longValue();
            }
        }
        return new ClusterLook(
                cluster.get("epoch").longValue(),
                cluster.get("phase").asText(),
                cluster.get("complete").booleanValue(),
                cluster.at("/placement/expertsPerLayer").intValue(),
                List.copyOf(holders),
                List.copyOf(serving),
                lastRescue);
    }

    /** Whether the coordinator is done. */
    public boolean isSteady() {
        return phase.equals("STEADY");
    }

    /**
     * Whether the coordinator is done and no unit has copies that it has yet to choose from: what was loaded for a
     * doubtful node is held beside the old copy for a while.
     */
    boolean isSettled(final int replicas) {
        return isSteady() && holders.stream().allMatch(nodes -> nodes.size() <= replicas);
    }
}
