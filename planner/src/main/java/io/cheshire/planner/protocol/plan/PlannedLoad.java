package io.cheshire.planner.protocol.plan;

/**
 * What users ask for.
 *
 * @param requestsPerSecond mean rate that has to be carried
 * @param gapCv             coefficient of variation of the gaps between arrivals: 1 for independent users, 0 for evenly
 *                          spaced, more for bursts
 * @param lengths           how long prompts and answers are
 * @param prefixShare       part of the prompts' tokens that the prefix cache has already, 0 to below 1
 * @param source            where it comes from, for people
 */
public record PlannedLoad(
        double requestsPerSecond, double gapCv, LengthMix lengths, double prefixShare, String source) {
    /** Prompt tokens a request that have to be computed. */
    public double computedPrompt() {
        return lengths.meanPrompt() * (1 - prefixShare);
    }

    /** The same load at another rate. */
    public PlannedLoad at(final double perSecond) {
        return new PlannedLoad(perSecond, gapCv, lengths, prefixShare, source);
    }

    /** The same with other lengths. */
    public PlannedLoad with(final LengthMix other) {
        return new PlannedLoad(requestsPerSecond, gapCv, other, prefixShare, source);
    }
}
