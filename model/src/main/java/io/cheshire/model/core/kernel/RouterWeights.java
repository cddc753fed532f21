package io.cheshire.model.core.kernel;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything of a checkpoint that is not an expert, in place.
 *
 * @param embedding    {@code [vocab, hidden]}
 * @param layers       one entry a layer
 * @param normWeight   final LayerNorm {@code [hidden]}
 * @param normBias     {@code [hidden]}
 * @param lmHead       {@code [vocab, hidden]}; the embedding itself where the config ties them. Of a model with a
 *                     score head that one, {@code [labels, hidden]}
 * @param lmHeadBias   {@code [vocab]} or null
 */
public record RouterWeights(
        TensorView embedding,
        List<Layer> layers,
        TensorView normWeight,
        TensorView normBias,
        TensorView lmHead,
        @Nullable TensorView lmHeadBias) {
    public RouterWeights {
        layers = List.copyOf(layers);
    }

    /** Those of its own tensors that are there, the layers' not among them; one that serves twice comes once. */
    public Stream<TensorView> tensors() {
        return present(embedding, normWeight, normBias, lmHead, lmHeadBias).distinct();
    }

    private static Stream<TensorView> present(final @Nullable TensorView... tensors) {
        return Stream.of(tensors).flatMap(Stream::ofNullable);
    }

    /**
     * One layer without its experts. Weights are {@code [out, in]}; biases are null where the config has none.
     *
     * @param inputNormWeight  {@code [hidden]}
     * @param inputNormBias    {@code [hidden]}
     * @param q                {@code [headCount * headDim, hidden]}
     * @param qBias            {@code [headCount * headDim]}
     * @param k                {@code [kvHeadCount * headDim, hidden]}
     * @param kBias            {@code [kvHeadCount * headDim]}
     * @param v                {@code [kvHeadCount * headDim, hidden]}
     * @param vBias            {@code [kvHeadCount * headDim]}
     * @param o                {@code [hidden, headCount * headDim]}
     * @param oBias            {@code [hidden]}
     * @param postNormWeight   {@code [hidden]}
     * @param postNormBias     {@code [hidden]}
     * @param gate             {@code [expertCount, hidden]}
     */
    public record Layer(
            TensorView inputNormWeight,
            TensorView inputNormBias,
            TensorView q,
            @Nullable TensorView qBias,
            TensorView k,
            @Nullable TensorView kBias,
            TensorView v,
            @Nullable TensorView vBias,
            TensorView o,
            @Nullable TensorView oBias,
            TensorView postNormWeight,
            TensorView postNormBias,
            TensorView gate) {
        /** Those of its tensors that are there, the gate last. */
        public Stream<TensorView> tensors() {
            return present(
                    inputNormWeight,
                    inputNormBias,
                    q,
                    qBias,
                    k,
                    kBias,
                    v,
                    vBias,
                    o,
                    oBias,
                    postNormWeight,
                    postNormBias,
                    gate);
        }
    }
}
