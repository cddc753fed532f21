package io.cheshire.benchmarks.engine.core;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How much of one series is left in another, pair by pair. A pair did the same work, one right after the other, so that
 * a machine whose rate changes from one round to the next changes both.
 *
 * @param median  of the pairs' ratios
 * @param lowest  of them
 * @param highest of them
 * @param pairs   how many there were, at least one
 */
public record PairedRatio(double median, double lowest, double highest, int pairs) {
    /** Of {@code numerators[i] / denominators[i]}; what has no partner is left out. Empty without a pair. */
    public static Optional<PairedRatio> of(final double[] numerators, final double[] denominators) {
        final double[] ratios = IntStream.range(0, Math.min(numerators.length, denominators.length))
                .mapToDouble(i -> numerators[i] / denominators[i])
                .filter(ratio -> !Double.isNaN(ratio))
                .toArray();
        if (ratios.length == 0) {
            return Optional.empty();
        }
        Arrays.sort(ratios);
        return Optional.of(new PairedRatio(medianOf(ratios), ratios[0], ratios[ratios.length - 1], ratios.length));
    }

    /** The middle of sorted values, the mean of the two middle ones where their number is even; NaN without any. */
    static double medianOf(final double[] sorted) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        final int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
