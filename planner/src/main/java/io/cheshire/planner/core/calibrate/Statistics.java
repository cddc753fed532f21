package io.cheshire.planner.core.calibrate;

import java.util.Collection;
import org.hipparchus.stat.descriptive.rank.Percentile;

/** Quantiles of a few numbers. */
public final class Statistics {
    private static final double PERCENT = 100;

    private Statistics() {}

    /** What a share of the values doesn't exceed, between neighbours linear; at least one value. */
    public static double quantile(final Collection<Double> values, final double share) {
        final double[] all = values.stream().mapToDouble(Double::doubleValue).toArray();
        if (share <= 0) {
            return java.util.Arrays.stream(all).min().orElseThrow();
        }
        return new Percentile()
                .withEstimationType(Percentile.EstimationType.R_7)
                .evaluate(all, PERCENT * share);
    }
}
