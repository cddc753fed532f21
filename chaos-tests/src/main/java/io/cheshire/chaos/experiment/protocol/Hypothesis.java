package io.cheshire.chaos.experiment.protocol;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What must hold; what is null is not asked.
 *
 * @param tokens           what each stream must give
 * @param goodputAtLeast   tokens a second from the first fault on, as a share of those without faults
 * @param longestGapAtMost between two tokens of any stream from the first fault on
 * @param wholeAgainWithin from the last fault's end until every node serves and every unit has its copies
 * @param books            what the counters of rows must say in the end
 */
public record Hypothesis(
        @Nullable Tokens tokens,
        @Nullable Double goodputAtLeast,
        @Nullable Duration longestGapAtMost,
        @Nullable Duration wholeAgainWithin,
        @Nullable Books books) {
    /** What a stream must give. */
    public enum Tokens {
        /** Every stream, to its end, what it gives without faults. */
        IDENTICAL,
        /** Streams may break, and what came until then is the right beginning. */
        PREFIX
    }

    /** What the counters must say. */
    public enum Books {
        /** No row is awaited for ever; where every process lived on, both sides counted the same. */
        BALANCED
    }
}
