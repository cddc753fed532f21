package io.cheshire.router.core;

import java.util.List;
import java.util.Set;

/**
 * One sequence to generate. A request with {@code n > 1} choices is n of these.
 *
 * @param promptTokens        at least one token id, all below the vocabulary size
 * @param maxTokens           most tokens to generate; 0 only scores the prompt
 * @param minTokens           stop ids are not sampled before this many tokens
 * @param stopTokenIds        end the sequence; empty with ignore_eos
 * @param sampling            how tokens are drawn
 * @param logprobCount        -1 no log-probabilities; k ≥ 0 those of the chosen token and of the k best
 * @param promptLogprobCount  likewise for the prompt's own tokens
 * @param cacheScope          prefix-cache entries are shared within a scope only (tenant)
 * @param deadlineNs          {@link System#nanoTime()} by which the request ends with an error if not done
 * @param rules               which tokens there may be at all
 */
public record GenerationRequest(
        List<Integer> promptTokens,
        int maxTokens,
        int minTokens,
        Set<Integer> stopTokenIds,
        SamplingParams sampling,
        int logprobCount,
        int promptLogprobCount,
        String cacheScope,
        long deadlineNs,
        TokenRules rules) {
    public GenerationRequest {
        promptTokens = List.copyOf(promptTokens);
        stopTokenIds = Set.copyOf(stopTokenIds);
        if (promptTokens.isEmpty() || maxTokens < 0 || minTokens < 0) {
            throw new IllegalArgumentException("empty prompt or negative limit");
        }
    }
}
