package io.cheshire.http.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sampling fields, ranges checked; token ids of {@code logitBias} not yet checked against the vocabulary.
 *
 * @param seed null: the server draws one
 */
public record SamplingFields(
        double temperature,
        double topP,
        int topK,
        double minP,
        double presencePenalty,
        double frequencyPenalty,
        double repetitionPenalty,
        Map<Integer, Double> logitBias,
        @Nullable Long seed) {
    public SamplingFields {
        logitBias = Map.copyOf(logitBias);
    }
}
