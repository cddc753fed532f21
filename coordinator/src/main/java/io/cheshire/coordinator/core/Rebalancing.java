package io.cheshire.coordinator.core;

import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.RouterReport;
import java.util.List;
import java.util.Set;

/**
 * Decides from the traffic that routers report whether units should move. Used by one thread; keeps what it learned.
 */
public interface Rebalancing {
    /** A router reports. */
    void reported(RouterReport report);

    /**
     * Ends the window of traffic, learns from it, and decides.
     *
     * @param nodes     those that are members
     * @param routerIds routers that are members; what others reported is forgotten
     */
    RebalancePlan round(PlacementState state, List<NodeHello> nodes, Set<Integer> routerIds);
}
