package io.cheshire.planner.core.validation;

/**
 * One figure of one comparison.
 *
 * @param level     V0 to V5 (docs/planning-validation.md)
 * @param scenario  what was run
 * @param figure    what is compared, with its unit
 * @param reference what should come out: theory, the finer fidelity, or a measurement
 * @param predicted what came out
 * @param limit     how far off it may be, as a share of the reference; {@link #NOT_JUDGED}: as far as it likes
 * @param note      why it misses, or what else a reader should know; may be empty
 */
public record ValidationCell(
        String level, String scenario, String figure, double reference, double predicted, double limit, String note) {
    /** A limit that isn't one: what was measured is shown as it is. */
    public static final double NOT_JUDGED = 1e9;

    /** Predicted less reference, as a share of the reference. */
    public double error() {
        return reference == 0 ? (predicted == 0 ? 0 : Double.POSITIVE_INFINITY) : predicted / reference - 1;
    }

    /** Whether a limit applies. */
    public boolean isJudged() {
        return limit < NOT_JUDGED;
    }

    public boolean isMissed() {
        return isJudged() && Math.abs(error()) > limit;
    }
}
