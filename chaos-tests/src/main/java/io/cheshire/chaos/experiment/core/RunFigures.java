package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * What a run with faults gave.
 *
 * @param streams           that began
 * @param altered           of which a token differs
 * @param broken            that broke after a right beginning
 * @param tokensPerSecond   from the first fault to the load's end
 * @param faultFreePerSecond without faults
 * @param p50GapMs          half of all gaps between tokens are at most this
 * @param p99GapMs          the same for 99 %
 * @param longestGapMs      of those that ended after the first fault
 * @param faultFreeGapMs    the longest without faults
 * @param wholeAgainMs      from the last fault's end until the cluster was whole; null: it wasn't within the limits
 * @param books             what the counters of rows say against it; empty when they balance; null: nobody looked
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record RunFigures(
        int streams,
        int altered,
        int broken,
        double tokensPerSecond,
        double faultFreePerSecond,
        double p50GapMs,
        double p99GapMs,
        double longestGapMs,
        double faultFreeGapMs,
        @Nullable Double wholeAgainMs,
        @Nullable String books) {
    /** Goodput as a share of that without faults. */
    public double goodputShare() {
        return faultFreePerSecond > 0 ? tokensPerSecond / faultFreePerSecond : 0;
    }
}
