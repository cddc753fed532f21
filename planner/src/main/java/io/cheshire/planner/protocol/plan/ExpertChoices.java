package io.cheshire.planner.protocol.plan;

import java.util.List;

/**
 * Which experts tokens choose, as shares of a layer's rows; what isn't known of a recording's skew in time is in the
 * differences between its windows.
 *
 * @param layers  of the model
 * @param experts of a layer
 * @param windows shares by unit index {@code layer * experts + expert}; each layer adds up to 1
 * @param source  where they come from, for people
 * @param assumed nobody recorded them
 */
public record ExpertChoices(int layers, int experts, List<List<Double>> windows, String source, boolean assumed) {
    public ExpertChoices {
        windows = windows.stream().map(List::copyOf).toList();
        for (final List<Double> window : windows) {
            if (window.size() != Math.multiplyExact(layers, experts)) {
                throw new IllegalArgumentException(
                        source + ": a window has " + window.size() + " units, the model " + layers + " x " + experts);
            }
        }
        if (windows.isEmpty()) {
            throw new IllegalArgumentException(source + " has no window");
        }
    }

    /** Mean share over all windows, by unit index. */
    public double[] meanShares() {
        final double[] mean = new double[layers * experts];
        for (final List<Double> window : windows) {
            for (int unit = 0; unit < mean.length; unit++) {
                mean[unit] += window.get(unit) / windows.size();
            }
        }
        return mean;
    }
}
