package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * One of the longest gaps between two tokens of a stream.
 *
 * @param lane   of the stream
 * @param fromMs after the load's begin
 * @param toMs   when the next token came
 * @param cause  what is known of why, for people
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record LongGap(int lane, double fromMs, double toMs, String cause) {
    /** How long. */
    public double lengthMs() {
        return toMs - fromMs;
    }
}
