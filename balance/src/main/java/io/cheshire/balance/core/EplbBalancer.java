package io.cheshire.balance.core;

/**
 * {@link Eplb} as a balancer, the yardstick. It knows neither speeds nor prices, takes every node to hold as many units
 * as the smallest one, and starts from nothing each time.
 */
public final class EplbBalancer implements Balancer {
    private final int groups;
    private final int hosts;

    /** Global: no groups, no hosts. */
    public EplbBalancer() {
        this(1, 1);
    }

    /**
     * Hierarchical.
     *
     * @param groups expert groups
     * @param hosts  hosts that the nodes lie on, evenly and in order
     */
    public EplbBalancer(final int groups, final int hosts) {
        this.groups = groups;
        this.hosts = hosts;
    }

    @Override
    public Assignment balance(final BalanceProblem problem) {
        final int[][] map = physicalToLogical(problem);
        final int nodes = problem.nodes().size();
        final long[] masks = new long[problem.layers() * problem.experts()];
        for (int layer = 0; layer < map.length; layer++) {
            final int slots = map[layer].length / nodes;
            for (int s = 0; s < map[layer].length; s++) {
                masks[layer * problem.experts() + map[layer][s]] |= 1L << (s / slots);
            }
        }
        return new Assignment(problem.layers(), problem.experts(), masks);
    }

    /** The published form of the answer: {@code [layers][slots]}. It may hold a unit twice on one node. */
    public int[][] physicalToLogical(final BalanceProblem problem) {
        final int capacity = problem.nodes().stream()
                .mapToInt(NodeCapacity::unitCapacity)
                .min()
                .orElseThrow();
        final int replicas = capacity / problem.layers() * problem.nodes().size();
        final float[][] weights = new float[problem.layers()][problem.experts()];
        for (int layer = 0; layer < problem.layers(); layer++) {
            for (int expert = 0; expert < problem.experts(); expert++) {
                weights[layer][expert] = (float) problem.cost(layer, expert);
            }
        }
        return Eplb.rebalance(weights, replicas, groups, hosts, problem.nodes().size());
    }

    /** Shares as EPLB means them: every slot of an expert gets the same part. */
    public static Shares shares(final int[][] physicalToLogical, final int nodes) {
        return new Shares() {
            @Override
            public double share(final int layer, final int expert, final int node) {
                final int[] map = physicalToLogical[layer];
                int here = 0;
                int everywhere = 0;
                for (int s = 0; s < map.length; s++) {
                    if (map[s] == expert) {
                        everywhere++;
                        here += s / (map.length / nodes) == node ? 1 : 0;
                    }
                }
                return (double) here / everywhere;
            }

            @Override
            public int nodes() {
                return nodes;
            }
        };
    }
}
