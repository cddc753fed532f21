package io.cheshire.balance.core;

import java.util.Arrays;

/**
 * Predicts what each unit of a layer gets in the next window: a decayed mean of past windows, forgotten at once when
 * the workload drifts. A prediction is judged only by the window after it. One per layer; not thread-safe.
 *
 * <p>Drift: the distance (total variation, half the sum of absolute differences) between what was predicted and what
 * came exceeds what chance explains. For n rows drawn from shares p that m rows predicted, the expected distance is
 * {@code 0.5 * sum of sqrt(2 p (1-p) / pi * (1/n + 1/m))}, the mean absolute deviation of the difference of two
 * binomials; its own deviation is about {@code sqrt(pi/2 - 1) / sqrt(units)} of that.
 */
public final class LoadPredictor {
    /** Chance explains a distance up to so many deviations above the expected one. */
    private static final double DEVIATIONS = 4.5;

    private final double keep;
    private final double driftDistance;
    private final double chanceFactor;
    private final double[] weighted;
    private final double[] weightedActivations;
    private double weight;
    private double windowWeight;
    private long windows;

    /**
     * What a window said of the prediction made before it.
     *
     * @param judged   whether there was a prediction and the window had rows
     * @param distance total variation between prediction and window, 0 to 1
     * @param chance   the distance that chance alone would give for this many rows
     * @param drifted  whether the past was forgotten
     */
    public record Verdict(boolean judged, double distance, double chance, boolean drifted) {}

    /**
     * @param units         units of the layer
     * @param halfLife      windows after which a window counts half
     * @param driftDistance distance beyond chance that counts as drift, 0 to 1
     */
    public LoadPredictor(final int units, final double halfLife, final double driftDistance) {
        if (!(halfLife > 0) || !(driftDistance >= 0)) {
            throw new IllegalArgumentException("half-life " + halfLife + ", drift distance " + driftDistance);
        }
        this.keep = Math.pow(0.5, 1 / halfLife);
        this.driftDistance = driftDistance;
        this.chanceFactor = 1 + DEVIATIONS * Math.sqrt((Math.PI / 2 - 1) / units);
        this.weighted = new double[units];
        this.weightedActivations = new double[units];
    }

    /**
     * Judges the prediction by a window, then learns from it. A window without rows says nothing and changes nothing.
     *
     * @param rows        rows of each unit in the window, {@code [units]}
     * @param activations batches in which each unit had a row, {@code [units]}
     */
    public Verdict observe(final double[] rows, final double[] activations) {
        double total = 0;
        for (final double count : rows) {
            total += count;
        }
        if (!(total > 0)) {
            return new Verdict(false, 0, 0, false);
        }
        final boolean judged = windows > 0;
        final double distance = judged ? distance(rows, total) : 0;
        final double chance = judged ? chance(total) : 0;
        final boolean drifted = judged && distance > chanceFactor * chance + driftDistance;
        if (drifted) {
            forget();
        }
        for (int u = 0; u < weighted.length; u++) {
            weighted[u] = weighted[u] * keep + rows[u];
            weightedActivations[u] = weightedActivations[u] * keep + activations[u];
        }
        weight = weight * keep + total;
        windowWeight = windowWeight * keep + 1;
        windows++;
        return new Verdict(judged, distance, chance, drifted);
    }

    private void forget() {
        Arrays.fill(weighted, 0);
        Arrays.fill(weightedActivations, 0);
        weight = 0;
        windowWeight = 0;
    }

    /** Whether a window was learned from. */
    public boolean hasPrediction() {
        return windows > 0;
    }

    /** The unit's predicted rows in the next window; 0 before the first. */
    public double rows(final int unit) {
        return windowWeight > 0 ? weighted[unit] / windowWeight : 0;
    }

    /** The unit's predicted activations in the next window; 0 before the first. */
    public double activations(final int unit) {
        return windowWeight > 0 ? weightedActivations[unit] / windowWeight : 0;
    }

    /** The unit's predicted share of the layer's rows in the next window; even shares before the first window. */
    public double share(final int unit) {
        return weight > 0 ? weighted[unit] / weight : 1.0 / weighted.length;
    }

    private double distance(final double[] rows, final double total) {
        double sum = 0;
        for (int u = 0; u < rows.length; u++) {
            sum += Math.abs(rows[u] / total - share(u));
        }
        return sum / 2;
    }

    private double chance(final double total) {
        double sum = 0;
        for (int u = 0; u < weighted.length; u++) {
            final double p = share(u);
            sum += Math.sqrt(2 * p * (1 - p) / Math.PI * (1 / total + 1 / weight));
        }
        return sum / 2;
    }
}
