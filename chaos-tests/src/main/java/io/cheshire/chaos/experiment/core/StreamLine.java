package io.cheshire.chaos.experiment.core;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * One stream as its client saw it.
 *
 * @param lane     where it is drawn: one stream at a time
 * @param prompt   number of its prompt
 * @param beganMs  after the load's begin
 * @param tokensMs when each token came, after the load's begin
 * @param end      how it ended
 * @param error    why it broke, or empty
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record StreamLine(int lane, int prompt, double beganMs, List<Double> tokensMs, End end, String error) {
    public StreamLine {
        tokensMs = List.copyOf(tokensMs);
    }

    /** As Jepsen's operations: ok, surely wrong, or unknown since nobody heard the rest. */
    public enum End {
        /** All tokens, the same as without faults. */
        SAME,
        /** A token differs from the run without faults. */
        ALTERED,
        /** It broke, and what came until then was right. */
        BROKEN
    }

    /** When it was last heard of. */
    public double lastMs() {
        return tokensMs.isEmpty() ? beganMs : tokensMs.getLast();
    }
}
