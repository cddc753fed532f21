package io.cheshire.planner.core.step;

/**
 * Durations of a step in one state.
 *
 * @param meanNs of a whole step
 * @param nodeNs of it that the busiest node computes; only where a lane is alone is it any one's own
 * @param cv     standard deviation over mean
 * @param skew   third standardised moment
 */
public record StepStatistics(double meanNs, double nodeNs, double cv, double skew) {
    /** Smallest skew that the formula below can tell from none. */
    private static final double NO_SKEW = 1e-3;

    /** Most skew of which it is still close. */
    private static final double MOST_SKEW = 2;

    /** A factor around 1 with this spread and skew (Wilson and Hilferty), out of a standard normal number. */
    public double factor(final double normal) {
        final double skewed = Math.clamp(skew, -MOST_SKEW, MOST_SKEW);
        if (Math.abs(skewed) < NO_SKEW) {
            return Math.max(0, 1 + cv * normal);
        }
        final double root = 1 + skewed / 6 * (normal - skewed / 6);
        return Math.max(0, 1 + cv * 2 / skewed * (root * root * root - 1));
    }
}
