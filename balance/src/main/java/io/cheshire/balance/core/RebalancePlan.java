package io.cheshire.balance.core;

import java.util.List;

/** What a {@link RebalancePlanner} decided, with the reason for people. */
public sealed interface RebalancePlan {
    /** In words for people. */
    String reason();

    /**
     * Predicted balancedness by layer if nothing moves, mean node time / hottest node time; empty without a prediction.
     */
    List<Double> balancedness();

    /** Nothing moves. */
    record Stay(String reason, List<Double> balancedness) implements RebalancePlan {
        public Stay {
            balancedness = List.copyOf(balancedness);
        }
    }

    /**
     * The placement to move to.
     *
     * @param nodesByUnit  node ids by unit index, home first
     * @param layers       layers that change
     * @param gain         part of the predicted time (hottest node, summed over all layers) that is saved, 0 to 1
     * @param savedNs      the same in ns a window
     * @param unitsLoaded  units to be loaded
     * @param bytesMoved   their bytes
     * @param nsPerByte    ns saved in a window for each byte moved; infinite where nothing need be loaded
     * @param balancedness see {@link #balancedness()}
     * @param after        the same for {@code nodesByUnit}
     */
    record Move(
            List<List<Integer>> nodesByUnit,
            List<Integer> layers,
            double gain,
            double savedNs,
            long unitsLoaded,
            long bytesMoved,
            double nsPerByte,
            String reason,
            List<Double> balancedness,
            List<Double> after)
            implements RebalancePlan {
        public Move {
            nodesByUnit = nodesByUnit.stream().map(List::copyOf).toList();
            layers = List.copyOf(layers);
            balancedness = List.copyOf(balancedness);
            after = List.copyOf(after);
        }
    }
}
