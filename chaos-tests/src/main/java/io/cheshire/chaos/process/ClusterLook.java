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
 */
record ClusterLook(
        long epoch,
        String phase,
        boolean complete,
        int expertsPerLayer,
        List<List<Integer>> holders,
        List<Integer> serving) {
    static ClusterLook of(final JsonNode cluster) {
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
        return new ClusterLook(
                cluster.get("epoch").longValue(),
                cluster.get("phase").asText(),
                cluster.get("complete").booleanValue(),
                cluster.at("/placement/expertsPerLayer").intValue(),
                List.copyOf(holders),
                List.copyOf(serving));
    }

    boolean isSteady() {
        return phase.equals("STEADY");
    }
}
