package io.cheshire.benchmarks.balance;

import io.cheshire.balance.core.Assignment;
import io.cheshire.balance.core.BalanceProblem;
import io.cheshire.balance.core.Balancer;
import io.cheshire.balance.core.CheshireBalancer;
import io.cheshire.balance.core.EplbBalancer;
import io.cheshire.balance.core.NodeCapacity;
import io.cheshire.balance.core.RoutingLoads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How long a balancer takes for one placement of all layers, from home and from what the window before left. */
record BalancerTiming(String balancer, double p50Us, double p99Us) {
    private static final int WARM_UPS = 2000;
    private static final int RUNS = 2000;
    private static final double NS_PER_US = 1e3;

    /** Times both balancers over all windows in turn, after warming up. */
    static List<BalancerTiming> measure(
            final RoutingLoads loads, final int nodeCount, final int slots, final int minReplicas) {
        final List<NodeCapacity> nodes = new ArrayList<>();
        for (int n = 0; n < nodeCount; n++) {
            nodes.add(new NodeCapacity(n, 1, Math.multiplyExact(slots, loads.layers())));
        }
        final List<BalanceProblem> problems = new ArrayList<>();
        Assignment before = Assignment.home(loads.layers(), loads.experts(), nodeCount);
        for (final List<Double> window : loads.windows().values()) {
            final double[] costs =
                    window.stream().mapToDouble(Double::doubleValue).toArray();
            final BalanceProblem problem = new BalanceProblem(costs, nodes, before, minReplicas, 0);
            problems.add(problem);
            before = new CheshireBalancer().balance(problem);
        }
        return List.of(time("eplb", new EplbBalancer(), problems), time("cheshire", new CheshireBalancer(), problems));
    }

    private static BalancerTiming time(
            final String name, final Balancer balancer, final List<BalanceProblem> problems) {
        final double[] us = new double[RUNS];
        for (int run = -WARM_UPS; run < RUNS; run++) {
            final BalanceProblem problem = problems.get(Math.floorMod(run, problems.size()));
            final long startNs = System.nanoTime();
            balancer.balance(problem);
            if (run >= 0) {
                us[run] = (System.nanoTime() - startNs) / NS_PER_US;
            }
        }
        Arrays.sort(us);
        return new BalancerTiming(name, us[RUNS / 2], us[RUNS * 99 / 100]);
    }
}
