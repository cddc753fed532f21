package io.cheshire.router.core;

import java.util.List;

/**
 * Natural-log probabilities at one position, from the model's raw logits (before temperature, penalties and bias).
 *
 * @param tokenId the token at this position
 * @param logprob its log-probability
 * @param best    the k best tokens, best first, ties by lower id; independent of the token taken
 * @param rank    the token's place among all that have a text, from 1, in the order of {@code best}; 0 unless asked for
 * @param entropy of the whole distribution, in nats; NaN unless asked for
 */
public record TokenScores(int tokenId, float logprob, List<Candidate> best, int rank, float entropy) {
    public TokenScores {
        best = List.copyOf(best);
    }

    /** Without rank and entropy. */
    public TokenScores(final int tokenId, final float logprob, final List<Candidate> best) {
        this(tokenId, logprob, best, 0, Float.NaN);
    }

    /** One of the best tokens. */
    public record Candidate(int tokenId, float logprob) {}
}
