package io.cheshire.balance.core;

import java.util.List;

/**
 * What a balancer decides on: predicted cost of every unit, nodes, what they hold, and the price of a move. Immutable.
 */
public final class BalanceProblem {
    private final int layers;
    private final int experts;
    private final double[] costs;
    private final List<NodeCapacity> nodes;
    private final NodeDomains domains;
    private final Assignment current;
    private final int minReplicas;
    private final double pricePerUnit;

    /**
     * @param costs        predicted cost by unit index {@code layer * experts + expert} on a node of speed 1, ns over
     *                     the next window ({@link Roofline#costNs}), or any other measure of work; copied
     * @param nodes        live nodes, 1 to {@value Assignment#MAX_NODES}
     * @param current      what the nodes hold now
     * @param minReplicas  replicas every unit should have on distinct nodes where memory allows, at least 1
     * @param pricePerUnit cost of loading one unit, in the measure of {@code costs} of one layer's hottest node: bytes
     *                     of a unit x price per byte. 0: any gain is worth any move, but no move is made without gain
     */
    public BalanceProblem(
            final double[] costs,
            final List<NodeCapacity> nodes,
            final Assignment current,
            final int minReplicas,
            final double pricePerUnit) {
        this.layers = current.layers();
        this.experts = current.experts();
        this.costs = costs.clone();
        this.nodes = List.copyOf(nodes);
        this.domains = NodeDomains.of(this.nodes);
        this.current = current;
        this.minReplicas = minReplicas;
        this.pricePerUnit = pricePerUnit;
        check();
    }

    private void check() {
        require(costs.length == layers * experts, costs.length + " costs for " + layers + " x " + experts + " units");
        require(
                !nodes.isEmpty() && nodes.size() <= Assignment.MAX_NODES,
                nodes.size() + " nodes: 1 to 64 are supported");
        require(experts <= Long.SIZE, experts + " experts a layer: at most 64 are supported");
        require(minReplicas >= 1 && pricePerUnit >= 0, "minReplicas " + minReplicas + ", price " + pricePerUnit);
        for (final double cost : costs) {
            require(cost >= 0 && cost < Double.POSITIVE_INFINITY, "a unit's cost is " + cost);
        }
    }

    private static void require(final boolean condition, final String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    public int layers() {
        return layers;
    }

    public int experts() {
        return experts;
    }

    public double cost(final int layer, final int expert) {
        return costs[layer * experts + expert];
    }

    public List<NodeCapacity> nodes() {
        return nodes;
    }

    /** Which nodes fail together. */
    NodeDomains domains() {
        return domains;
    }

    public Assignment current() {
        return current;
    }

    public int minReplicas() {
        return minReplicas;
    }

    public double pricePerUnit() {
        return pricePerUnit;
    }
}
