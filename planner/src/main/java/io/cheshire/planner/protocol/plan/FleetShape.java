package io.cheshire.planner.protocol.plan;

/**
 * One fleet.
 *
 * @param cells    clusters alike, behind a balancer
 * @param nodes    expert nodes of each
 * @param replicas copies of each unit
 * @param routers  of each
 * @param lanes    of each router
 * @param spares   nodes of each that hold nothing and stand by
 */
public record FleetShape(int cells, int nodes, int replicas, int routers, int lanes, int spares) {
    /** Expert nodes of all cells, spares among them. */
    public int allNodes() {
        return cells * (nodes + spares);
    }

    public int allRouters() {
        return cells * routers;
    }

    public FleetShape withNodes(final int other) {
        return new FleetShape(cells, other, replicas, routers, lanes, spares);
    }

    public FleetShape withCopies(final int otherReplicas, final int otherSpares) {
        return new FleetShape(cells, nodes, otherReplicas, routers, lanes, otherSpares);
    }

    /** Such as {@code 16 nodes, 2 replicas, 2 routers}. */
    public String words() {
        return (cells > 1 ? cells + " clusters of " : "")
                + count(nodes, "node") + (spares > 0 ? " + " + count(spares, "spare") : "") + ", "
                + count(replicas, "replica") + ", " + count(routers, "router")
                + (lanes == 2 ? "" : ", " + count(lanes, "lane"));
    }

    private static String count(final int number, final String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
