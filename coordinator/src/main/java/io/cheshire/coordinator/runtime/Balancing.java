package io.cheshire.coordinator.runtime;

import io.cheshire.balance.core.Assignment;
import io.cheshire.balance.core.NodeCapacity;
import io.cheshire.balance.core.RebalancePlan;
import io.cheshire.balance.core.RebalancePlanner;
import io.cheshire.balance.core.TrafficWindows;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.core.Rebalancing;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.PlacedModel;
import io.cheshire.coordinator.protocol.RouterReport;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Windows of traffic and the planner that learns from them: glue between reports and {@link RebalancePlanner}. Used by
 * one coordinator alone.
 */
final class Balancing implements Rebalancing {
    private final BalanceConfig config;
    private final PlacedModel model;
    private final TrafficWindows traffic;
    private @Nullable RebalancePlanner planner;
    private int plannedReplicas;
    private long plannedUnitBytes;

    Balancing(final BalanceConfig config, final PlacedModel model) {
        this.config = config;
        this.model = model;
        this.traffic = new TrafficWindows(model.layers(), model.expertsPerLayer());
    }

    @Override
    public void reported(final RouterReport report) {
        traffic.accept(
                report.routerId(),
                report.incarnation(),
                report.traffic().rows(),
                report.traffic().activations());
    }

    @Override
    public RebalancePlan round(final PlacementState state, final List<NodeHello> nodes, final Set<Integer> routerIds) {
        traffic.retain(routerIds);
        final List<NodeHello> usable = nodes.stream()
                .filter(node -> !state.isLeaving(node.nodeId()) && !state.isDraining(node.nodeId()))
                .toList();
        if (usable.isEmpty() || usable.size() > Assignment.MAX_NODES) {
            return new RebalancePlan.Stay(
                    usable.size() + " nodes; the balancer takes 1 to " + Assignment.MAX_NODES, List.of());
        }
        final long unitBytes = usable.stream()
                .mapToLong(node -> Math.max(1, node.unitBytes()))
                .max()
                .orElseThrow();
        final RebalancePlanner with = planner(state.replicas(), unitBytes);
        with.observe(traffic.close());
        return with.plan(
                state.placement().nodesByUnit(),
                usable.stream().map(Balancing::capacity).collect(Collectors.toList()));
    }

    private RebalancePlanner planner(final int replicas, final long unitBytes) {
        RebalancePlanner current = planner;
        if (current == null || replicas != plannedReplicas || unitBytes != plannedUnitBytes) {
            current = new RebalancePlanner(model.layers(), model.expertsPerLayer(), config.rules(replicas, unitBytes));
            planner = current;
            plannedReplicas = replicas;
            plannedUnitBytes = unitBytes;
        }
        return current;
    }

    /** Nodes are taken for equally fast. */
    private static NodeCapacity capacity(final NodeHello node) {
        final long units = node.unitBytes() <= 0 ? Integer.MAX_VALUE : node.memoryLimitBytes() / node.unitBytes();
        return new NodeCapacity(node.nodeId(), 1, (int) Math.min(units, Integer.MAX_VALUE), node.failureDomain());
    }
}
