package io.cheshire.benchmarks.sizes;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.synth.SynthShape;

/** The sizes of Phi-3.5-MoE, one layer of it. */
public final class Sizes {
    public static final int HIDDEN = 4096;
    public static final int FFN = 6400;
    public static final int VOCAB = 32_064;
    public static final int EXPERTS = 16;
    private static final int HEADS = 32;

    private Sizes() {}

    /** One layer at true width. */
    public static ModelConfig model() {
        return model(HIDDEN, FFN);
    }

    /** One layer of any width. */
    public static ModelConfig model(final int hidden, final int ffn) {
        final boolean many = hidden % (2 * HEADS) == 0;
        return new SynthShape(hidden, ffn, 1, many ? HEADS : 1, many ? HEADS / 4 : 1, 0, EXPERTS, VOCAB, 4096, 0)
                .toConfig();
    }
}
