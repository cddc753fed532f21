package io.cheshire.chaos.experiment.protocol;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When an experiment ends early, with all taken back and no verdict but this.
 *
 * @param longestGapAbove no stream has given a token for so long, or null
 * @param errorRateAbove  share of streams that broke, of at least ten, or null
 */
public record AbortRule(
        @Nullable Duration longestGapAbove, @Nullable Double errorRateAbove) {}
