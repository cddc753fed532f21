package io.cheshire.balance.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Balancers side by side on routing data. Every window's placement is judged twice: on the window it was made from (in
 * sample) and, what counts, on the next one (out of sample). Figures are means over windows and layers.
 */
public final class BalanceComparison {
    private final RoutingLoads loads;
    private final List<NodeCapacity> nodes;
    private final int minReplicas;
    private final double price;

    /**
     * Result of one balancer.
     *
     * @param balancer      its name
     * @param inSample      balancedness, mean node time / hottest node time, on the window it was made from: 1 is
     *                      perfect
     * @param inSampleWorst the worst layer's
     * @param outOfSample   the same on the next window; NaN where there is only one window
     * @param outWorst      the worst layer's
     * @param hottest       hottest node's time on the window it was made from, sum over layers, mean over windows
     * @param unitsLoaded   units loaded in all windows, home being there at the start
     * @param gainPerUnit   time of the hottest node saved against home (sum over layers, all windows) for one unit
     *                      loaded; 0 where none was loaded
     * @param layersOut     balancedness by layer out of sample, or in sample where there is only one window
     */
    public record Result(
            String balancer,
            double inSample,
            double inSampleWorst,
            double outOfSample,
            double outWorst,
            double hottest,
            long unitsLoaded,
            double gainPerUnit,
            List<Double> layersOut) {
        public Result {
            layersOut = List.copyOf(layersOut);
        }
    }

    /**
     * @param slots       units a node holds of each layer
     * @param minReplicas replicas every unit should have
     * @param price       see {@link BalanceProblem}
     */
    public BalanceComparison(
            final RoutingLoads loads, final int nodeCount, final int slots, final int minReplicas, final double price) {
        this.loads = loads;
        this.minReplicas = minReplicas;
        this.price = price;
        this.nodes = new ArrayList<>();
        for (int n = 0; n < nodeCount; n++) {
            nodes.add(new NodeCapacity(n, 1, Math.multiplyExact(slots, loads.layers())));
        }
    }

    /** Everything stays where the cluster started. */
    public Result home() {
        return run("home", BalanceProblem::current, new LastWindow());
    }

    /** DeepSeek's, global. */
    public Result eplb() {
        return run("eplb", new EplbBalancer(), new LastWindow());
    }

    /** Ours, made from the last window like the others. */
    public Result cheshire() {
        return run("cheshire", new CheshireBalancer(), new LastWindow());
    }

    /** Ours, made from what {@link LoadPredictor} expects of the next window: how the coordinator uses it. */
    public Result predicted(final double halfLifeWindows, final double driftDistance) {
        final List<LoadPredictor> predictors = new ArrayList<>();
        for (int layer = 0; layer < loads.layers(); layer++) {
            predictors.add(new LoadPredictor(loads.experts(), halfLifeWindows, driftDistance));
        }
        return run("predicted", new CheshireBalancer(), new Predicted(predictors));
    }

    /** What a placement is made from once a window is over. */
    private sealed interface Forecast {
        double[] after(double[] window);
    }

    private record LastWindow() implements Forecast {
        @Override
        public double[] after(final double[] window) {
            return window;
        }
    }

    private record Predicted(List<LoadPredictor> predictors) implements Forecast {
        @Override
        public double[] after(final double[] window) {
            final int experts = window.length / predictors.size();
            final double[] forecast = new double[window.length];
            for (int layer = 0; layer < predictors.size(); layer++) {
                final LoadPredictor predictor = predictors.get(layer);
                final double[] rows = Arrays.copyOfRange(window, layer * experts, (layer + 1) * experts);
                predictor.observe(rows, rows);
                for (int expert = 0; expert < experts; expert++) {
                    forecast[layer * experts + expert] = predictor.rows(expert);
                }
            }
            return forecast;
        }
    }

    private Result run(final String name, final Balancer balancer, final Forecast forecast) {
        final Assignment home = Assignment.home(loads.layers(), loads.experts(), nodes.size());
        final Shares homeShares = home.sharesBySpeed(nodes);
        final Tally in = new Tally(loads.layers());
        final Tally out = new Tally(loads.layers());
        Assignment current = home;
        Shares shares = homeShares;
        double homeHottest = 0;
        long loaded = 0;
        boolean first = true;
        for (final Map.Entry<String, List<Double>> window : loads.windows().entrySet()) {
            final double[] costs =
                    window.getValue().stream().mapToDouble(Double::doubleValue).toArray();
            if (!first) {
                out.add(shares, costs, loads.experts());
            }
            first = false;
            final BalanceProblem problem =
                    new BalanceProblem(forecast.after(costs), nodes, current, minReplicas, price);
            final Assignment next = balancer.balance(problem);
            loaded += next.unitsLoadedSince(current);
            current = next;
            shares = balancer instanceof EplbBalancer eplb
                    ? EplbBalancer.shares(eplb.physicalToLogical(problem), nodes.size())
                    : next.sharesBySpeed(nodes);
            in.add(shares, costs, loads.experts());
            homeHottest += Tally.hottest(homeShares, costs, loads.layers(), loads.experts());
        }
        return result(name, in, out, homeHottest, loaded);
    }

    private Result result(
            final String name, final Tally in, final Tally out, final double homeHottest, final long loaded) {
        final boolean several = out.windows > 0;
        return new Result(
                name,
                in.mean(),
                in.worst(),
                several ? out.mean() : Double.NaN,
                several ? out.worst() : Double.NaN,
                in.hottest / in.windows,
                loaded,
                loaded == 0 ? 0 : (homeHottest - in.hottest) / loaded,
                several ? out.byLayer() : in.byLayer());
    }

    /** Sums over windows. */
    private static final class Tally {
        private final double[] balancedness;
        private double hottest;
        private int windows;

        Tally(final int layers) {
            this.balancedness = new double[layers];
        }

        void add(final Shares shares, final double[] costs, final int experts) {
            for (int layer = 0; layer < balancedness.length; layer++) {
                double sum = 0;
                for (int e = 0; e < experts; e++) {
                    sum += costs[layer * experts + e];
                }
                final double most = hottestOf(shares, costs, layer, experts);
                balancedness[layer] += most == 0 ? 1 : sum / shares.nodes() / most;
                hottest += most;
            }
            windows++;
        }

        static double hottest(final Shares shares, final double[] costs, final int layers, final int experts) {
            double sum = 0;
            for (int layer = 0; layer < layers; layer++) {
                sum += hottestOf(shares, costs, layer, experts);
            }
            return sum;
        }

        private static double hottestOf(final Shares shares, final double[] costs, final int layer, final int experts) {
            double most = 0;
            for (int n = 0; n < shares.nodes(); n++) {
                double load = 0;
                for (int e = 0; e < experts; e++) {
                    load += costs[layer * experts + e] * shares.share(layer, e, n);
                }
                most = Math.max(most, load);
            }
            return most;
        }

        double mean() {
            return Arrays.stream(balancedness).average().orElse(0) / windows;
        }

        double worst() {
            return Arrays.stream(balancedness).min().orElse(0) / windows;
        }

        List<Double> byLayer() {
            return Arrays.stream(balancedness).map(sum -> sum / windows).boxed().toList();
        }
    }
}
