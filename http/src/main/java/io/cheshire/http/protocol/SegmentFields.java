package io.cheshire.http.protocol;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where an input's segments end. The last token always ends one; of the others those in {@code ends}, those whose id is
 * a separator, and those behind which the entropy passes a threshold.
 *
 * @param from       the first token that belongs to a segment: where an answer begins behind its prompt
 * @param ends       places of tokens, from 0
 * @param separators token ids
 * @param entropies  of each token, that of the distribution it was drawn from, NaN where it isn't known; or none
 * @param threshold  in nats
 * @param normaliser of rewards by their place, or null
 */
public record SegmentFields(
        int from,
        List<Integer> ends,
        Set<Integer> separators,
        List<Double> entropies,
        double threshold,
        @Nullable Normaliser normaliser) {
    public SegmentFields {
        ends = List.copyOf(ends);
        separators = Set.copyOf(separators);
        entropies = List.copyOf(entropies);
    }

    /**
     * Mean and standard deviation of rewards at a place p of (0, 1]: {@code meanSlope ln p + meanBase}, and likewise.
     */
    public record Normaliser(double meanSlope, double stdSlope, double meanBase, double stdBase) {}
}
