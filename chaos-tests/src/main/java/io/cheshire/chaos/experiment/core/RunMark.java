package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * A moment of the run.
 *
 * @param atMs after the load's begin
 * @param kind what kind of moment
 * @param text what happened, for people
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record RunMark(double atMs, Kind kind, String text) {
    /** Who says so. */
    public enum Kind {
        /** The experiment did something. */
        FAULT,
        /** What it did is over. */
        HEALED,
        /** Somebody noticed. */
        DETECTED,
        /** An epoch was published. */
        PUBLISHED,
        /** Anything else that the coordinator decided. */
        DECIDED,
        /** Every node serves and every unit has its copies. */
        WHOLE
    }
}
