package io.cheshire.planner.protocol.plan;

/** What an expert node and a router cost an hour, in any currency; 0 where nobody said. */
public record HourlyCosts(double node, double router) {
    private static final double HOURS_PER_MONTH = 730;

    /** Of a fleet. */
    public double perHour(final FleetShape fleet) {
        return fleet.allNodes() * node + fleet.allRouters() * router;
    }

    /** Of a mean month. */
    public double perMonth(final FleetShape fleet) {
        return HOURS_PER_MONTH * perHour(fleet);
    }

    public boolean isGiven() {
        return node > 0 || router > 0;
    }
}
