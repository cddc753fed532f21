package io.cheshire.chaos.sim.control;

import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.core.Rebalancing;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.RouterReport;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * The production balancer, and every other time one that wants anything: a balancer may be wrong about what pays, and
 * the coordinator must still only do what is safe.
 */
final class SimRebalancing implements Rebalancing {
    private final Rebalancing balancer;
    private final SplittableRandom random;

    SimRebalancing(final Rebalancing balancer, final SplittableRandom random) {
        this.balancer = balancer;
        this.random = random;
    }

    @Override
    public void reported(final RouterReport report) {
        balancer.reported(report);
    }

    @Override
    public RebalancePlan round(final PlacementState state, final List<NodeHello> nodes, final Set<Integer> routerIds) {
        final RebalancePlan plan = balancer.round(state, nodes, routerIds);
        if (nodes.isEmpty() || random.nextBoolean()) {
            return plan;
        }
        final List<List<Integer>> anything = Stream.generate(
                        () -> List.of(nodes.get(random.nextInt(nodes.size())).nodeId()))
                .limit(state.placement().nodesByUnit().size())
                .toList();
        return new RebalancePlan.Move(anything, List.of(), 0, 0, 0, 0, 0, "a whim", List.of(), List.of());
    }
}
