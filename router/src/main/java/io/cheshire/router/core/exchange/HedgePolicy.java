package io.cheshire.router.core.exchange;

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
    public HedgePolicy {
        if (!(multiple >= 1) || floorNs < 1 || ceilingNs < floorNs || minSamples < 1 || answerTimeoutNs < ceilingNs) {
            throw new IllegalArgumentException("hedge policy out of range: multiple " + multiple + ", deadlines "
                    + floorNs + ".." + ceilingNs + " ns, samples " + minSamples + ", answer time-out "
                    + answerTimeoutNs + " ns");
        }
        if (!(budgetShare >= 0 && budgetShare <= 1) || budgetBurst < 1) {
            throw new IllegalArgumentException("hedge budget out of range: " + budgetShare + ", " + budgetBurst);
        }
    }

    /** The deadline that follows from a window, or -1 if the window says too little. */
    long deadlineNs(final LatencyWindow window) {
        if (window.count() < minSamples) {
            return -1;
        }
        return Math.clamp((long) (multiple * window.p99Ns()), floorNs, ceilingNs);
    }
}
