package io.cheshire.router.control;

import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.core.Rebalancing;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.RouterReport;
import java.util.List;
import java.util.Set;

/** A balancer that wants nothing. */
record NothingMoves() implements Rebalancing {
    @Override
    public void reported(final RouterReport report) {}

    @Override
    public RebalancePlan round(final PlacementState state, final List<NodeHello> nodes, final Set<Integer> routerIds) {
        return new RebalancePlan.Stay("test", List.of());
    }
}
