package io.cheshire.planner.core.screen;

import io.cheshire.balance.core.Assignment;
import io.cheshire.balance.core.BalanceProblem;
import io.cheshire.balance.core.CheshireBalancer;
import io.cheshire.balance.core.NodeCapacity;
import io.cheshire.planner.protocol.plan.ExpertChoices;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.FleetOptions.Apart;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.ArrayList;
import java.util.List;

/** Where units of a planned cluster are: as the product's balancer puts them, by the routing that the plan names. */
public final class FleetPlacement {
    private FleetPlacement() {}

    /** Rack of a node: neighbours share one, as evenly as the numbers go. 0 where no racks are known. */
    public static int rackOf(final int node, final int nodes, final int racks) {
        return racks == 0 ? 0 : (int) ((long) node * racks / nodes);
    }

    /**
     * The placement of one cell.
     *
     * @throws IllegalArgumentException where nodes or copies are more than a placement can have
     */
    public static Assignment of(final FleetShape fleet, final FleetOptions options, final ExpertChoices choices) {
        final int nodes = fleet.nodes();
        if (nodes > Assignment.MAX_NODES) {
            throw new IllegalArgumentException("fleet.expert-nodes = " + nodes + ": a cluster is planned with at most "
                    + Assignment.MAX_NODES + " nodes; take several clusters (fleet.cells)");
        }
        if (fleet.replicas() > nodes) {
            throw new IllegalArgumentException("fleet.replicas = " + fleet.replicas() + ": " + nodes
                    + " nodes hold a unit at most " + nodes + " times; lower replicas or add nodes");
        }
        final int units = choices.layers() * choices.experts();
        final int slots = Math.ceilDiv(units * fleet.replicas(), nodes);
        final List<NodeCapacity> capacities = new ArrayList<>(nodes);
        for (int node = 0; node < nodes; node++) {
            final boolean known = options.racks() > 0 && options.apart() == Apart.RACK;
            capacities.add(
                    new NodeCapacity(node, 1, slots, known ? "rack " + rackOf(node, nodes, options.racks()) : ""));
        }
        return new CheshireBalancer()
                .balance(new BalanceProblem(
                        choices.meanShares(),
                        capacities,
                        Assignment.home(choices.layers(), choices.experts(), nodes),
                        fleet.replicas(),
                        0));
    }
}
