package io.cheshire.chaos.experiment.core;

import io.cheshire.chaos.experiment.protocol.ExperimentCluster;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Who is there when an experiment begins.
 *
 * @param nodes           expert nodes that serve, by id
 * @param routers         routers
 * @param expertsPerLayer experts in each layer
 * @param holders         nodes of each unit, layer by layer
 */
public record ClusterMap(List<Integer> nodes, int routers, int expertsPerLayer, List<List<Integer>> holders) {
    /** Of the model's family. */
    private static final int LAYERS = 32;

    private static final int EXPERTS = 16;

    public ClusterMap {
        nodes = List.copyOf(nodes);
        holders = holders.stream().map(List::copyOf).toList();
    }

    /** Nodes in order, each unit on its home and the next ones: what a dry run can know before a cluster starts. */
    public static ClusterMap expected(final ExperimentCluster cluster) {
        final List<List<Integer>> holders = IntStream.range(0, LAYERS * EXPERTS)
                .mapToObj(unit -> IntStream.range(0, cluster.copies())
                        .mapToObj(copy -> (unit + copy) % cluster.nodes())
                        .toList())
                .toList();
        return new ClusterMap(
                IntStream.range(0, cluster.nodes()).boxed().toList(), cluster.routers(), EXPERTS, holders);
    }
}
