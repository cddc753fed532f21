package io.cheshire.planner.core.validation;

/**
 * How close predictions of single requests are to what was measured of the same requests.
 *
 * @param pairs       requests of which both are there
 * @param signed      mean of predicted over measured, less 1
 * @param mape        mean absolute error as a share of what was measured
 * @param correlation Pearson's; NaN where one side doesn't vary
 * @param coverage    part of the pairs whose measurement lies in the prediction's interval
 */
public record PairedError(int pairs, double signed, double mape, double correlation, double coverage) {
    /** Predictions of what was measured, NaN where there is none; all arrays of one length. */
    public static PairedError of(
            final double[] measured, final double[] predicted, final double[] low, final double[] high) {
        int pairs = 0;
        int covered = 0;
        double signed = 0;
        double absolute = 0;
        double sumX = 0;
        double sumY = 0;
        double sumXx = 0;
        double sumYy = 0;
        double sumXy = 0;
        for (int i = 0; i < measured.length; i++) {
            final double x = measured[i];
            final double y = predicted[i];
            if (!(x > 0) || Double.isNaN(y)) {
                continue;
            }
            pairs++;
            covered += x >= Math.min(low[i], y) && x <= Math.max(high[i], y) ? 1 : 0;
            signed += y / x - 1;
            absolute += Math.abs(y / x - 1);
            sumX += x;
            sumY += y;
            sumXx += x * x;
            sumYy += y * y;
            sumXy += x * y;
        }
        final double varianceX = sumXx - sumX * sumX / pairs;
        final double varianceY = sumYy - sumY * sumY / pairs;
        return new PairedError(
                pairs,
                signed / pairs,
                absolute / pairs,
                (sumXy - sumX * sumY / pairs) / Math.sqrt(varianceX * varianceY),
                (double) covered / pairs);
    }
}
