package io.cheshire.chaos.experiment.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.chaos.experiment.core.ClusterMap;
import io.cheshire.chaos.process.ClusterLook;
import io.cheshire.chaos.runtime.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Asks a cluster who is there. */
final class SiteMap {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private SiteMap() {}

    static ClusterMap of(final ExperimentSite site) {
        final List<JsonNode> looks = new ArrayList<>();
        Await.until(
                "the cluster says who is there",
                LIMIT,
                Await.CLUSTER_POLL,
                () -> looks.add(site.ops().read("/admin/v1/cluster")),
                looks::toString);
        final ClusterLook look = ClusterLook.of(looks.getLast());
        final Map<Integer, String> domains = new HashMap<>();
        looks.getLast()
                .path("nodes")
                .forEach(node -> domains.put(
                        node.path("nodeId").intValue(),
                        node.path("failureDomain").asText()));
        return new ClusterMap(
                look.serving(),
                site.apis().size(),
                look.expertsPerLayer(),
                look.holders(),
                ClusterMap.racks(look.serving(), node -> domains.getOrDefault(node, "")));
    }
}
