package io.cheshire.model.core.gate;

/**
 * Mixtral's gate (docs/model.md §6.2): softmax over all experts in fp32, the k largest, divided by their sum. Ties go
 * to the lowest index.
 */
public final class SoftmaxTopKGate implements Gate {
    private final int expertCount;
    private final int expertsPerToken;

    public SoftmaxTopKGate(final int expertCount, final int expertsPerToken) {
        if (expertsPerToken < 1 || expertsPerToken > expertCount) {
            throw new IllegalArgumentException(
                    "num_experts_per_tok " + expertsPerToken + " is not in 1 .. " + expertCount);
        }
        this.expertCount = expertCount;
        this.expertsPerToken = expertsPerToken;
    }

    @Override
    public void route(
            final float[] logits,
            final int logitsOffset,
            final int[] experts,
            final float[] weights,
            final int outOffset) {
        if (Gates.refuseNonFinite(logits, logitsOffset, expertCount, experts, weights, outOffset, expertsPerToken)) {
            return;
        }
        for (int k = 0; k < expertsPerToken; k++) {
            experts[outOffset + k] = largest(logits, logitsOffset, experts, outOffset, k);
        }
        softmax(logits, logitsOffset, experts, weights, outOffset);
        renormalise(weights, outOffset);
    }

    private int largest(
            final float[] logits, final int offset, final int[] experts, final int outOffset, final int chosenCount) {
        int best = -1;
        for (int i = 0; i < expertCount; i++) {
            if (!contains(experts, outOffset, chosenCount, i)
                    && (best < 0 || logits[offset + i] > logits[offset + best])) {
                best = i;
            }
        }
        return best;
    }

    private static boolean contains(final int[] experts, final int offset, final int count, final int expert) {
        for (int k = 0; k < count; k++) {
            if (experts[offset + k] == expert) {
                return true;
            }
        }
        return false;
    }

    private void softmax(
            final float[] logits,
            final int logitsOffset,
            final int[] experts,
            final float[] weights,
            final int outOffset) {
        final float max = logits[logitsOffset + experts[outOffset]];
        float sum = 0;
        for (int i = 0; i < expertCount; i++) {
            sum += (float) StrictMath.exp(logits[logitsOffset + i] - max);
        }
        for (int k = 0; k < expertsPerToken; k++) {
            weights[outOffset + k] = (float) StrictMath.exp(logits[logitsOffset + experts[outOffset + k]] - max) / sum;
        }
    }

    private void renormalise(final float[] weights, final int outOffset) {
        float sum = 0;
        for (int k = 0; k < expertsPerToken; k++) {
            sum += weights[outOffset + k];
        }
        for (int k = 0; k < expertsPerToken; k++) {
            weights[outOffset + k] /= sum;
        }
    }
}
