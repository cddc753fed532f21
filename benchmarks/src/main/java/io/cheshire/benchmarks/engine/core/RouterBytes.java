package io.cheshire.benchmarks.engine.core;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;

/** What the router's half of the model weighs. */
public final class RouterBytes {
    private RouterBytes() {}

    /**
     * Weights that every step reads: all but the embedding, of which a step reads a row a token.
     *
     * @param weightBytes packed weights of the router, embedding included
     */
    public static double aStep(final ModelConfig model, final Precision precision, final long weightBytes) {
        final long embedding = (long) model.vocabSize()
                * model.hiddenSize()
                * precision.rowDtype().bytes();
        return Math.max(0, weightBytes - embedding);
    }
}
