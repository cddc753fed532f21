package io.cheshire.planner.protocol.episodes;

import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.Strike;

/**
 * One kind of failure, played many times under load.
 *
 * @param kind              what struck
 * @param size              of the cluster
 * @param requestsPerSecond the load
 * @param plays             how often it was played
 * @param gapNs             longest time without a token of anybody who had to wait for it, over plays
 * @param usualGapNs        the same of runs that nothing struck: what a gap is compared with
 * @param wholeNs           until every process ran and every unit had its copies again
 * @param tokensLate        tokens of a play that came later than the promise
 * @param requestsSpoiled   requests of a play that would have kept the promise, had nothing struck
 * @param source            simulated in which fidelity, or measured where
 */
public record Episode(
        Strike.Kind kind,
        CellPlan.Size size,
        double requestsPerSecond,
        int plays,
        Quantiles gapNs,
        Quantiles usualGapNs,
        Quantiles wholeNs,
        Spoiled tokensLate,
        Spoiled requestsSpoiled,
        String source) {
    /** How much of something a play spoils. */
    public record Spoiled(double mean, double p90, double most) {}
}
