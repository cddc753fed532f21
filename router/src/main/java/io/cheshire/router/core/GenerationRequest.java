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
 * @param yields              waits for, and gives way to, those that don't
 * @param scoring             what else is told of positions
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
        TokenRules rules,
        boolean yields,
        Scoring scoring) {
    public GenerationRequest {
        promptTokens = List.copyOf(promptTokens);
        stopTokenIds = Set.copyOf(stopTokenIds);
        if (promptTokens.isEmpty() || maxTokens < 0 || minTokens < 0) {
            throw new IllegalArgumentException("empty prompt or negative limit");
        }
        if (scoring.pooled().end() > promptTokens.size()) {
            throw new IllegalArgumentException("the head is asked at position "
                    + (scoring.pooled().end() - 1) + " of a prompt of " + promptTokens.size() + " tokens");
        }
    }

    /** A sequence that gives way to none, of which nothing else is told. */
    public GenerationRequest(
            final List<Integer> promptTokens,
            final int maxTokens,
            final int minTokens,
            final Set<Integer> stopTokenIds,
            final SamplingParams sampling,
            final int logprobCount,
            final int promptLogprobCount,
            final String cacheScope,
            final long deadlineNs,
            final TokenRules rules) {
        this(
                promptTokens,
                maxTokens,
                minTokens,
                stopTokenIds,
                sampling,
                logprobCount,
                promptLogprobCount,
                cacheScope,
                deadlineNs,
                rules,
                false,
                Scoring.NONE);
    }
}
