package io.cheshire.router.core.sample;

import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.SamplingParams;
import io.cheshire.router.core.TokenRules;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request's sampling parameters in the form the sampler wants: arrays instead of maps, made once a sequence. Ids
 * outside the vocabulary can never be drawn and are left out. Immutable.
 */
public final class SamplingPlan {
    final SamplingParams params;
    final int minTokens;
    final int[] stopIds;
    final int[] biasIds;
    final double[] biases;
    final boolean penalises;
    /** Only these may be drawn; null: all. */
    final @Nullable BitSet allowed;

    final int[][] badWords;

    public SamplingPlan(final GenerationRequest request, final int vocabSize) {
        params = request.sampling();
        minTokens = request.minTokens();
        stopIds = request.stopTokenIds().stream()
                .mapToInt(Integer::intValue)
                .filter(id -> id >= 0 && id < vocabSize)
                .sorted()
                .toArray();
        biasIds = params.logitBias().keySet().stream()
                .mapToInt(Integer::intValue)
                .filter(id -> id >= 0 && id < vocabSize)
                .sorted()
                .toArray();
        biases = new double[biasIds.length];
        final Map<Integer, Double> byId = params.logitBias();
        for (int i = 0; i < biasIds.length; i++) {
            biases[i] = byId.getOrDefault(biasIds[i], 0.0);
        }
        final TokenRules rules = request.rules();
        allowed = rules.allowedIds().isEmpty() ? null : new BitSet();
        if (allowed != null) {
            rules.allowedIds().stream().filter(id -> id >= 0 && id < vocabSize).forEach(allowed::set);
        }
        badWords = rules.badWords().stream()
                .map(word -> word.stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
        penalises = params.presencePenalty() != 0 || params.frequencyPenalty() != 0 || params.repetitionPenalty() != 1;
    }

    /** The token ends the sequence. */
    public boolean ends(final int tokenId) {
        return Arrays.binarySearch(stopIds, tokenId) >= 0;
    }

    /** Where a grammar leaves one token only, that one is drawn, whatever the logits: nothing else rules tokens out. */
    public boolean followsFormOnly() {
        return !penalises && biasIds.length == 0 && allowed == null && badWords.length == 0;
    }

    /** Some token ends the sequence. */
    public boolean hasEnd() {
        return stopIds.length > 0;
    }
}
