package io.cheshire.model.core.gate;

/**
 * SparseMixer at inference (docs/model.md §4.1): plain top-2 of the logits, but the weight of a choice is a softmax
 * over the experts within a relative band of {@code 2 * epsilon} around it. Usually nobody else is in the band and the
 * weight is 1, so the two weights of a row add up to 2 as a rule; they are neither renormalised nor sorted.
 *
 * <p>All arithmetic in fp32. Ties go to the lowest index.
 */
public final class SparseMixerGate implements Gate {
    private static final int NONE = -1;

    private final int expertCount;
    private final float threshold;

    /**
     * @param expertsPerToken must be 2: SparseMixer is defined for two rounds
     * @param epsilon         {@code router_jitter_noise} of the config
     */
    public SparseMixerGate(final int expertCount, final int expertsPerToken, final double epsilon) {
        if (expertCount < 2 || expertsPerToken != 2) {
            throw new IllegalArgumentException("SparseMixer needs num_experts_per_tok 2 and at least two experts, not "
                    + expertsPerToken + " of " + expertCount);
        }
        if (!(epsilon >= 0)) {
            throw new IllegalArgumentException("router_jitter_noise must not be negative: " + epsilon);
        }
        this.expertCount = expertCount;
        this.threshold = (float) (2 * epsilon);
    }

    @Override
    public void route(
            final float[] logits,
            final int logitsOffset,
            final int[] experts,
            final float[] weights,
            final int outOffset) {
        if (Gates.refuseNonFinite(logits, logitsOffset, expertCount, experts, weights, outOffset, 2)) {
            return;
        }
        final int first = largest(logits, logitsOffset, NONE);
        experts[outOffset] = first;
        weights[outOffset] = weight(logits, logitsOffset, first, NONE);

        final int second = largest(logits, logitsOffset, first);
        experts[outOffset + 1] = second;
        weights[outOffset + 1] = weight(logits, logitsOffset, second, first);
    }

    private int largest(final float[] logits, final int offset, final int excluded) {
        int best = NONE;
        for (int i = 0; i < expertCount; i++) {
            if (i != excluded && (best == NONE || logits[offset + i] > logits[offset + best])) {
                best = i;
            }
        }
        return best;
    }

    /** Softmax weight of {@code chosen} among the experts in its band; {@code excluded} never takes part. */
    private float weight(final float[] logits, final int offset, final int chosen, final int excluded) {
        final float max = logits[offset + chosen];
        float sum = 0;
        for (int i = 0; i < expertCount; i++) {
            final float logit = logits[offset + i];
            // Clamped from below by the round's maximum, which may be negative. 0/0 is NaN, and NaN is not dropped.
            final float scale = Math.max(Math.abs(logit), max);
            final boolean dropped = (max - logit) / scale > threshold;
            if (i != excluded && !dropped) {
                sum += (float) StrictMath.exp(logit - max);
            }
        }
        return 1f / sum;
    }
}
