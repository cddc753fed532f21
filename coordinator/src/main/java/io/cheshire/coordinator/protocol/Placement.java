package io.cheshire.coordinator.protocol;

import io.cheshire.model.protocol.ExpertKey;
import java.util.List;

/**
 * The table unit → nodes, and its version.
 *
 * @param epoch           version; only grows, and no two coordinators use one ({@link Epochs})
 * @param expertsPerLayer experts in each layer
 * @param nodesByUnit     for every unit index ({@link ExpertKey#unitIndex}), the nodes that hold it, home first; an
 *                        empty list means that no node holds it
 */
public record Placement(long epoch, int expertsPerLayer, List<List<Integer>> nodesByUnit) {
    public Placement {
        if (epoch < 0 || expertsPerLayer < 1) {
            throw new IllegalArgumentException(
                    "epoch " + epoch + " with " + expertsPerLayer + " experts a layer is no placement");
        }
        nodesByUnit = nodesByUnit.stream().map(List::copyOf).toList();
    }

    /** The nodes that hold the unit, home first. */
    public List<Integer> nodesOf(final ExpertKey key) {
        return nodesByUnit.get(key.unitIndex(expertsPerLayer));
    }
}
