package io.cheshire.http.core.console;

import java.util.Locale;
import java.util.Map;

/**
 * A histogram's many narrow steps joined to some wide ones, for a heat map over time. Bounds are taken from those that
 * there are, so counts stay exact. Immutable.
 */
public final class LatencySteps {
    /** Each bound is at least so many times the one before: some two dozen from a millisecond to a minute. */
    private static final double WIDTH = 1.6;

    private LatencySteps() {}

    /**
     * Adds a counter for each step, named by its upper bound in seconds: {@code NAME.le.0.0123}, {@code NAME.le.inf}.
     *
     * @param boundsSeconds upper bounds, growing
     * @param cumulative    values at most as large as each bound
     * @param total         all values
     */
    public static void addTo(
            final Map<String, Double> counters,
            final String name,
            final double[] boundsSeconds,
            final double[] cumulative,
            final double total) {
        double bound = 0;
        double below = 0;
        for (int i = 0; i < boundsSeconds.length; i++) {
            if (boundsSeconds[i] >= bound * WIDTH || i == boundsSeconds.length - 1) {
                bound = boundsSeconds[i];
                counters.put(name + ".le." + String.format(Locale.ROOT, "%.4f", bound), cumulative[i] - below);
                below = cumulative[i];
            }
        }
        counters.put(name + ".le.inf", total - below);
    }
}
