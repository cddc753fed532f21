package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What was done and for how long it could be felt.
 *
 * @param fromMs after the load's begin
 * @param toMs   when it was over: the same for what is over at once
 * @param words  what was done to whom
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record FaultRegion(double fromMs, double toMs, String words) {}
