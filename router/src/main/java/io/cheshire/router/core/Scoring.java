package io.cheshire.router.core;

/**
 * What is computed of positions beside tokens and their log-probabilities. Off, it costs nothing.
 *
 * @param entropies {@link TokenScores} have entropies
 * @param ranks     {@link TokenScores} of the prompt have ranks
 * @param pooled    where the head of a model that scores is asked; of other models none
 */
public record Scoring(boolean entropies, boolean ranks, PooledPositions pooled) {
    /** Nothing. */
    public static final Scoring NONE = new Scoring(false, false, PooledPositions.NONE);
}
