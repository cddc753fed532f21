package io.cheshire.model.protocol;

import java.util.List;

/**
 * LongRoPE parameters of {@code config.json} (docs/model.md §1.1, §3.1).
 *
 * @param shortFactor                   one factor per frequency pair, {@code headDim / 2} of them
 * @param longFactor                    likewise, for sequences longer than {@code originalMaxPositionEmbeddings}
 * @param shortMscale                   multiplies cos and sin of the short table
 * @param longMscale                    multiplies cos and sin of the long table
 * @param originalMaxPositionEmbeddings total length up to which the short table is used
 */
public record RopeScaling(
        List<Double> shortFactor,
        List<Double> longFactor,
        double shortMscale,
        double longMscale,
        int originalMaxPositionEmbeddings) {
    public RopeScaling {
        shortFactor = List.copyOf(shortFactor);
        longFactor = List.copyOf(longFactor);
    }
}
