package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Plans of 32 layers x 16 experts x 16 nodes over four windows, each from what the window before left, against the
 * figures of the first, slower search (every placement of it done and undone): whoever makes the balancer faster may
 * not make it worse.
 */
class PlanQualityTest {
    private static final int LAYERS = 32;
    private static final int EXPERTS = 16;
    private static final int NODES = 16;
    private static final int WINDOWS = 4;
    /** Plans from another start load other units; in sum they may differ by this. */
    private static final double MOVES = 1.02;
    /**
     * With a price, windows after the first start from other placements; in sum hottest node plus price may differ by
     * this.
     */
    private static final double VALUE = 1.001;

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
        final Plans plans = plans(sigma, slots, 0);
        assertThat(plans.hottest).isLessThanOrEqualTo(hottest + 1e-6);
        assertThat((double) plans.loaded).isLessThanOrEqualTo(loaded * MOVES);
    }

    /**
     * Where moves have a price: against the search that improved every placement before it compared them.
     *
     * @param sigma   spread of the log-normal loads
     * @param price   of loading one unit
     * @param hottest hottest node's load, sum over layers and windows, of that search
     * @param loaded  units it loaded
     */
    @ParameterizedTest
    @CsvSource({
        "0.15, 2, 0.01, 140.726163, 879",
        "0.15, 4, 0.01, 162.772633, 130",
        "1, 2, 0.01, 216.157058, 2040",
        "1, 4, 0.01, 208.816913, 3047",
        "0.15, 2, 0.1, 167.012347, 0",
        "0.15, 4, 0.1, 167.012347, 0",
        "1, 2, 0.1, 299.459107, 829",
        "1, 4, 0.1, 324.127261, 650"
    })
    void shouldPlanNoWorseWhereMovesHaveAPrice(
            final double sigma, final int slots, final double price, final double hottest, final long loaded) {
        final Plans plans = plans(sigma, slots, price);
        assertThat(plans.hottest + price * plans.loaded).isLessThanOrEqualTo((hottest + price * loaded) * VALUE);
    }

    /** What four windows' plans come to: hottest node's load, sum over layers and windows, and units loaded. */
    private record Plans(double hottest, long loaded) {}

    private static Plans plans(final double sigma, final int slots, final double price) {
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
            final Assignment next = balancer.balance(new BalanceProblem(costs, nodes, before, 1, price));
            sum += hottest(next, costs);
            moves += next.unitsLoadedSince(before);
            before = next;
        }
        return new Plans(sum, moves);
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
