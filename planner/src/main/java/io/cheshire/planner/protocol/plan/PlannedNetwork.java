package io.cheshire.planner.protocol.plan;

/**
 * What rows travel over.
 *
 * @param bytesPerSecond of one host's card, each way; infinite: part of what the calibration measured
 * @param rttNs          there and back without load; 0 likewise
 * @param frameMac       whether frames carry a MAC, as they do by default where there is a cluster secret
 */
public record PlannedNetwork(double bytesPerSecond, double rttNs, boolean frameMac) {
    /** What was measured holds. */
    public static PlannedNetwork asMeasured() {
        return new PlannedNetwork(Double.POSITIVE_INFINITY, 0, true);
    }

    public boolean isGiven() {
        return rttNs > 0 || bytesPerSecond < Double.POSITIVE_INFINITY;
    }

    /** A faster or slower one. */
    public PlannedNetwork scaled(final double factor) {
        return new PlannedNetwork(bytesPerSecond * factor, rttNs, frameMac);
    }
}
