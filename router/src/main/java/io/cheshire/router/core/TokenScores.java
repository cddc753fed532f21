package io.cheshire.router.core;

import java.util.List;

/**
 * Natural-log probabilities at one position, from the model's raw logits (before temperature, penalties and bias).
 *
 * @param tokenId the token at this position
 * @param logprob its log-probability
 * @param best    the k best tokens, best first, ties by lower id; independent of the token taken
 */
public record TokenScores(int tokenId, float logprob, List<Candidate> best) {
    public TokenScores {
        best = List.copyOf(best);
    }

    /** One of the best tokens. */
    public record Candidate(int tokenId, float logprob) {}
}
