package io.cheshire.chaos.experiment.protocol;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Greedy streams. Closed: so many at once, each followed by the next. Open: so many begin each second, however many
 * still run.
 *
 * @param streams      streams at once; 0 where a rate is given
 * @param rate         streams that begin in a second, or null
 * @param promptTokens length of each prompt
 * @param answerTokens length of each answer
 * @param duration     new streams begin for so long; those that run then run to their ends
 */
public record ExperimentLoad(
        int streams, @Nullable Double rate, int promptTokens, int answerTokens, Duration duration) {
    private static final int OPEN_PROMPTS = 16;

    /** Different prompts: what each ought to give is learnt once, in the run without faults. */
    public int prompts() {
        return rate == null ? streams : OPEN_PROMPTS;
    }
}
