package io.cheshire.router.core;

import java.util.Map;

/**
 * How tokens are drawn. Ranges are checked by the API gate before one of these exists; the compact constructor only
 * guards against defects.
 *
 * @param temperature       0 means greedy
 * @param topK              0 means off
 * @param topP              1 means off
 * @param minP              0 means off
 * @param presencePenalty   subtracted once from the logit of every token already generated
 * @param frequencyPenalty  subtracted once an occurrence in the generated tokens
 * @param repetitionPenalty 1 means off; positive logits of tokens seen (prompt or output) are divided by it, negative
 *                          ones multiplied
 * @param logitBias         added to logits, by token id
 * @param seed              same seed, same tokens, in any batch
 */
public record SamplingParams(
        double temperature,
        int topK,
        double topP,
        double minP,
        double presencePenalty,
        double frequencyPenalty,
        double repetitionPenalty,
        Map<Integer, Double> logitBias,
        long seed) {
    public SamplingParams {
        logitBias = Map.copyOf(logitBias);
        if (!(temperature >= 0) || !(topP > 0 && topP <= 1) || !(minP >= 0 && minP <= 1) || topK < 0) {
            throw new IllegalArgumentException("sampling parameters out of range");
        }
    }

    /** Greedy, everything else off. */
    public static SamplingParams greedy() {
        return new SamplingParams(0, 0, 1, 0, 0, 0, 1, Map.of(), 0);
    }
}
