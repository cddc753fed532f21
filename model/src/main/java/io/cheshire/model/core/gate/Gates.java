package io.cheshire.model.core.gate;

import io.cheshire.model.protocol.ModelConfig;

/** Makes the gate that a config asks for. */
public final class Gates {
    private Gates() {}

    /** The gate of {@code config}; one instance serves all layers. */
    public static Gate of(final ModelConfig config) {
        return switch (config.gateKind()) {
            case SPARSE_MIXER ->
                new SparseMixerGate(config.expertCount(), config.expertsPerToken(), config.routerJitterNoise());
            case SOFTMAX_TOP_K_RENORMALISED -> new SoftmaxTopKGate(config.expertCount(), config.expertsPerToken());
        };
    }

    /** Whether every logit is a number; if not, writes the result that {@link Gate} promises for such a row. */
    static boolean refuseNonFinite(
            final float[] logits,
            final int logitsOffset,
            final int expertCount,
            final int[] experts,
            final float[] weights,
            final int outOffset,
            final int expertsPerToken) {
        for (int i = 0; i < expertCount; i++) {
            if (!Float.isFinite(logits[logitsOffset + i])) {
                for (int k = 0; k < expertsPerToken; k++) {
                    experts[outOffset + k] = k;
                    weights[outOffset + k] = Float.NaN;
                }
                return true;
            }
        }
        return false;
    }
}
