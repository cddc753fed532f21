package io.cheshire.planner.core.screen;

/**
 * A prediction: the figure, and between what it lies if every cost is at the fast or at the slow end of its 90 %
 * interval.
 */
public record PredictionInterval(double low, double mid, double high) {
    /** Of three, in any order. */
    static PredictionInterval of(final double mid, final double one, final double other) {
        return new PredictionInterval(Math.min(mid, Math.min(one, other)), mid, Math.max(mid, Math.max(one, other)));
    }
}
