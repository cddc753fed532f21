package io.cheshire.router.core.exchange;

import io.cheshire.settings.SettingReader;
import io.cheshire.settings.Units;
import java.time.Duration;

/**
 * When a shard that isn't answered also goes to another replica.
 *
 * @param multiple        a node's deadline is so many times its 99th percentile for shards of that size
 * @param floorNs         the shortest deadline
 * @param ceilingNs       the longest, and the one of a node of which nothing is known
 * @param minSamples      so many answers of that size must be known
 * @param budgetShare     hedges that a shard sent for the first time pays for, 0 to 1
 * @param budgetBurst     hedges that may be saved up
 * @param answerTimeoutNs after so long without an answer, and without another replica, the same node is asked again;
 *                        doubles with each time
 */
public record HedgePolicy(
        double multiple,
        long floorNs,
        long ceilingNs,
        int minSamples,
        double budgetShare,
        int budgetBurst,
        long answerTimeoutNs) {
    private static final Duration LEAST = Duration.ofNanos(1);
    private static final Duration MOST = Duration.ofDays(1);
    private static final double MOST_MULTIPLE = 1e6;

    /** Reads {@code hedge} of the engine's section. */
    public static HedgePolicy from(final SettingReader hedge) {
        final HedgePolicy policy = new HedgePolicy(
                hedge.real("deadline-multiple", 1, MOST_MULTIPLE),
                hedge.durationNs("min-deadline", LEAST, MOST),
                hedge.durationNs("max-deadline", LEAST, MOST),
                hedge.number("min-samples", 1, Integer.MAX_VALUE),
                hedge.real("budget-share", 0, 1),
                hedge.number("budget-burst", 1, Integer.MAX_VALUE),
                hedge.durationNs("answer-timeout", LEAST, MOST));
        hedge.require(
                policy.ceilingNs >= policy.floorNs,
                "max-deadline",
                "must not be less than " + hedge.key("min-deadline") + " (" + Units.time(policy.floorNs) + ")");
        hedge.require(
                policy.answerTimeoutNs >= policy.ceilingNs,
                "answer-timeout",
                "must not be less than " + hedge.key("max-deadline") + " (" + Units.time(policy.ceilingNs) + ")");
        return policy;
    }

    /** The deadline that follows from a window, or -1 if the window says too little. */
    long deadlineNs(final LatencyWindow window) {
        if (window.count() < minSamples) {
            return -1;
        }
        return Math.clamp((long) (multiple * window.p99Ns()), floorNs, ceilingNs);
    }
}
