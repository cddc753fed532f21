package io.cheshire.model.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Everything about a model that its {@code config.json} says and the forward pass needs. Built only by the config
 * parser, which refuses every inconsistency by field; nothing is preset.
 *
 * @param modelType               {@code phimoe} or {@code grinmoe}
 * @param vocabSize               rows of the embedding and of the head
 * @param hiddenSize              H, width of the residual stream
 * @param ffnSize                 F, width of an expert ({@code intermediate_size})
 * @param layerCount              {@code num_hidden_layers}
 * @param headCount               query heads
 * @param kvHeadCount             key/value heads; divides {@code headCount}
 * @param headDim                 d; explicit {@code head_dim}, else {@code hiddenSize / headCount}
 * @param expertCount             experts per layer
 * @param expertsPerToken         top-k; 2 for every model this version serves
 * @param normEpsilon             {@code rms_norm_eps}, used as the LayerNorm epsilon
 * @param routerJitterNoise       SparseMixer's epsilon; the gate's threshold is twice this
 * @param attentionBias           q, k, v and o have biases
 * @param lmHeadBias              the head has a bias
 * @param ropeTheta               RoPE base
 * @param ropeScaling             LongRoPE, or null for plain RoPE
 * @param maxPositionEmbeddings   longest sequence, prompt and output together
 * @param slidingWindow           W such that keys {@code i - W .. i} are visible, W + 1 of them, or null for full
 *                                attention; the file's {@code sliding_window} may count otherwise
 * @param tieWordEmbeddings       the head uses the embedding matrix
 * @param gateKind                which gate the layers use
 * @param bosTokenId              or -1
 * @param eosTokenIds             stop ids that the config itself names
 * @param scoreHead               scores texts instead of going on with them; null: a language model. A model with such
 *                                a head has no other: {@code lmHeadBias} and {@code tieWordEmbeddings} are false
 */
public record ModelConfig(
        String modelType,
        int vocabSize,
        int hiddenSize,
        int ffnSize,
        int layerCount,
        int headCount,
        int kvHeadCount,
        int headDim,
        int expertCount,
        int expertsPerToken,
        double normEpsilon,
        double routerJitterNoise,
        boolean attentionBias,
        boolean lmHeadBias,
        double ropeTheta,
        @Nullable RopeScaling ropeScaling,
        int maxPositionEmbeddings,
        @Nullable Integer slidingWindow,
        boolean tieWordEmbeddings,
        GateKind gateKind,
        int bosTokenId,
        java.util.List<Integer> eosTokenIds,
        @Nullable ScoreHead scoreHead) {
    public ModelConfig {
        eosTokenIds = java.util.List.copyOf(eosTokenIds);
    }

    /** Numbers that the head gives for a row: one a token id, or one a label. */
    public int headWidth() {
        return scoreHead == null ? vocabSize : scoreHead.labelCount();
    }

    /** Units of the whole model: {@code layerCount * expertCount}. */
    public int unitCount() {
        return Math.multiplyExact(layerCount, expertCount);
    }

    /** Width of the query projection: {@code headCount * headDim}. */
    public int queryWidth() {
        return Math.multiplyExact(headCount, headDim);
    }

    /** Width of the key projection, and of the value projection: {@code kvHeadCount * headDim}. */
    public int kvWidth() {
        return Math.multiplyExact(kvHeadCount, headDim);
    }
}
