package io.cheshire.model.core.checkpoint;

import io.cheshire.model.protocol.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** The tensors that a config asks for, in the order in which Cheshire writes them. */
public final class ExpectedTensors {
    private final ModelConfig config;
    private final CheckpointLayout layout;
    private final List<TensorSpec> tensors = new ArrayList<>();

    private ExpectedTensors(final ModelConfig config, final CheckpointLayout layout) {
        this.config = config;
        this.layout = layout;
    }

    /** Every tensor of a checkpoint of that config and layout. */
    public static List<TensorSpec> of(final ModelConfig config, final CheckpointLayout layout) {
        final ExpectedTensors expected = new ExpectedTensors(config, layout);
        final long hidden = config.hiddenSize();
        expected.router(TensorNames.EMBEDDING, config.vocabSize(), hidden);
        for (int layer = 0; layer < config.layerCount(); layer++) {
            expected.addLayer(layer);
        }
        expected.router(TensorNames.NORM_WEIGHT, hidden);
        expected.router(TensorNames.NORM_BIAS, hidden);
        if (config.scoreHead() != null) {
            expected.router(TensorNames.SCORE, config.headWidth(), hidden);
        } else if (!config.tieWordEmbeddings()) {
            expected.router(TensorNames.LM_HEAD, config.vocabSize(), hidden);
        }
        if (config.lmHeadBias()) {
            expected.router(TensorNames.LM_HEAD_BIAS, config.vocabSize());
        }
        return List.copyOf(expected.tensors);
    }

    private void addLayer(final int layer) {
        final long hidden = config.hiddenSize();
        router(TensorNames.layer(layer, "input_layernorm.weight"), hidden);
        router(TensorNames.layer(layer, "input_layernorm.bias"), hidden);
        projection(layer, "q_proj", config.queryWidth(), hidden);
        projection(layer, "k_proj", config.kvWidth(), hidden);
        projection(layer, "v_proj", config.kvWidth(), hidden);
        projection(layer, "o_proj", hidden, config.queryWidth());
        router(TensorNames.layer(layer, "post_attention_layernorm.weight"), hidden);
        router(TensorNames.layer(layer, "post_attention_layernorm.bias"), hidden);
        router(TensorNames.gate(layout, layer), config.expertCount(), hidden);
        switch (layout) {
            case HUB -> addHubExperts(layer);
            case FUSED -> addFusedExperts(layer);
        }
    }

    private void projection(final int layer, final String name, final long out, final long in) {
        router(TensorNames.layer(layer, "self_attn." + name + ".weight"), out, in);
        if (config.attentionBias()) {
            router(TensorNames.layer(layer, "self_attn." + name + ".bias"), out);
        }
    }

    private void addHubExperts(final int layer) {
        final long ffn = config.ffnSize();
        final long hidden = config.hiddenSize();
        for (int expert = 0; expert < config.expertCount(); expert++) {
            tensors.add(TensorSpec.expert(TensorNames.expert(layer, expert, "w1"), ffn, hidden));
            tensors.add(TensorSpec.expert(TensorNames.expert(layer, expert, "w2"), hidden, ffn));
            tensors.add(TensorSpec.expert(TensorNames.expert(layer, expert, "w3"), ffn, hidden));
        }
    }

    private void addFusedExperts(final int layer) {
        final long experts = config.expertCount();
        final long ffn = config.ffnSize();
        final long hidden = config.hiddenSize();
        tensors.add(TensorSpec.expert(TensorNames.gateUp(layer), experts, 2 * ffn, hidden));
        tensors.add(TensorSpec.expert(TensorNames.down(layer), experts, hidden, ffn));
    }

    private void router(final String name, final long... shape) {
        tensors.add(TensorSpec.router(name, shape));
    }
}
