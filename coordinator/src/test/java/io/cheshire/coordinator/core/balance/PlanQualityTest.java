package io.cheshire.coordinator.core.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Plans of 32 layers x 16 experts x 16 nodes over four windows, each from what the window before left, against the figures of
 * the first, slower search (every placement of it done and undone): whoever makes the balancer faster may not make it worse.
 */
class PlanQualityTest {
    private static final int LAYERS = 32;
    private static final int EXPERTS = 16;
    private static final int NODES = 16;
    private static final int WINDOWS = 4;
    /** Plans from another start load other units; in sum they may differ by this. */
    private static final double MOVES = 1.02;

    /**
     * @param sigma   spread of the log-normal loads
     * @param hottest hottest node's load, sum over layers and windows, of the first search
     * @param loaded  units it loaded
     */
    @ParameterizedTest
    @CsvSource({
        "0.15, 2, 134.685022, 1820",
        "0.15, 4, 130.020474, 4551",
        "1, 2, 215.959140, 2133",
        "1, 4, 208.592158, 3196"
    })
    void shouldPlanNoWorseThanTheFirstSearch(
            final double sigma, final int slots, final double hottest, final long loaded) {
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < NODES; n++) {
            nodes.add(new NodeCapacity(n, 1, slots * LAYERS));
        }
        final Random random = new Random(1);
        final CheshireBalancer balancer = new CheshireBalancer();
        Assignment before = Assignment.home(LAYERS, EXPERTS, NODES);
        double sum = 0;
        long moves = 0;
        for (int window = 0; window < WINDOWS; window++) {
            final double[] costs = new double[LAYERS * EXPERTS];
            for (int unit = 0; unit < costs.length; unit++) {
                costs[unit] = Math.exp(sigma * random.nextGaussian());
            }
            final Assignment next = balancer.balance(new BalanceProblem(costs, nodes, before, 1, 0));
            sum += hottest(next, costs);
            moves += next.unitsLoadedSince(before);
            before = next;
        }
        assertThat(sum).isLessThanOrEqualTo(hottest + 1e-6);
        assertThat((double) moves).isLessThanOrEqualTo(loaded * MOVES);
    }

    /** Sum over layers of the hottest node's load, computed afresh; nodes are equal. */
    private static double hottest(final Assignment answer, final double[] costs) {
        double sum = 0;
        for (int layer = 0; layer < LAYERS; layer++) {
            final double[] load = new double[NODES];
            for (int expert = 0; expert < EXPERTS; expert++) {
                final long holders = answer.holders(layer, expert);
                for (int n = 0; n < NODES; n++) {
                    load[n] += (holders >>> n & 1) * costs[layer * EXPERTS + expert] / Long.bitCount(holders);
                }
            }
            double most = 0;
            for (final double each : load) {
                most = Math.max(most, each);
            }
            sum += most;
        }
        return sum;
    }
}
