package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Who is there when an experiment begins.
 *
 * @param nodes           expert nodes that serve, by id
 * @param routers         routers
 * @param expertsPerLayer experts in each layer
 * @param holders         nodes of each unit, layer by layer
 * @param racks           nodes of each failure domain, by its name
 */
public record ClusterMap(
        List<Integer> nodes,
        int routers,
        int expertsPerLayer,
        List<List<Integer>> holders,
        Map<String, List<Integer>> racks) {
    /** Of the model's family. */
    private static final int LAYERS = 32;

    private static final int EXPERTS = 16;

    public ClusterMap {
        nodes = List.copyOf(nodes);
        holders = holders.stream().map(List::copyOf).toList();
        racks = Map.copyOf(racks);
    }

    /** Without failure domains. */
    public ClusterMap(
            final List<Integer> nodes,
            final int routers,
            final int expertsPerLayer,
            final List<List<Integer>> holders) {
        this(nodes, routers, expertsPerLayer, holders, Map.of());
    }

    /** Nodes by the failure domain that they name; those that name none are in none. */
    public static Map<String, List<Integer>> racks(final List<Integer> nodes, final IntFunction<String> domain) {
        return nodes.stream()
                .filter(node -> !domain.apply(node).isEmpty())
                .collect(Collectors.groupingBy(domain::apply, TreeMap::new, Collectors.toList()));
    }

    /** Nodes in order, each unit on its home and the next ones: what a dry run can know before a cluster starts. */
    public static ClusterMap expected(final ExperimentCluster cluster) {
        final List<List<Integer>> holders = IntStream.range(0, LAYERS * EXPERTS)
                .mapToObj(unit -> IntStream.range(0, cluster.copies())
                        .mapToObj(copy -> (unit + copy) % cluster.nodes())
                        .toList())
                .toList();
        final List<Integer> nodes = IntStream.range(0, cluster.nodes()).boxed().toList();
        return new ClusterMap(
                nodes,
                cluster.routers(),
                EXPERTS,
                holders,
                racks(nodes, node -> cluster.racks() == 0 ? "" : "rack-" + node % cluster.racks()));
    }
}
