package io.cheshire.model.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a config as {@code config.json}: every key in a fixed order, so equal configs give equal bytes.
 *
 * <p>For people and other programs {@code head_dim} is left out where it is {@code hidden_size / num_attention_heads},
 * as in the published checkpoints: llama.cpp's converter refuses a PhiMoE config that states it.
 */
public final class ModelConfigWriter {
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private ModelConfigWriter() {}

    /** The config as indented JSON, for people and other programs. */
    public static String toJson(final ModelConfig config) {
        return write(config, true);
    }

    /** The canonical form that fingerprints cover: every key stated, no white space. */
    public static String canonical(final ModelConfig config) {
        return write(config, false);
    }

    private static String write(final ModelConfig config, final boolean forPeople) {
        final ObjectNode json = MAPPER.createObjectNode();
        final ScoreHead head = config.scoreHead();
        json.putArray("architectures").add("PhiMoE" + (head == null ? "ForCausalLM" : ScoreHeadFields.CLASS_END));
        // Which class reads the file changes nothing that isn't written out, so two names of one model are one model.
        final String modelType = forPeople ? config.modelType() : ModelClass.PHIMOE;
        json.put("model_type", modelType);
        json.put("vocab_size", config.vocabSize());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.ffnSize());
        json.put("num_hidden_layers", config.layerCount());
        json.put("num_attention_heads", config.headCount());
        json.put("num_key_value_heads", config.kvHeadCount());
        if (!forPeople || config.headDim() * config.headCount() != config.hiddenSize()) {
            json.put("head_dim", config.headDim());
        }
        json.put("num_local_experts", config.expertCount());
        json.put("num_experts_per_tok", config.expertsPerToken());
        json.put("hidden_act", "silu");
        json.put("rms_norm_eps", config.normEpsilon());
        json.put("router_jitter_noise", config.routerJitterNoise());
        json.put("attention_bias", config.attentionBias());
        json.put("lm_head_bias", config.lmHeadBias());
        json.put("rope_theta", config.ropeTheta());
        putRopeScaling(json, config);
        json.put("max_position_embeddings", config.maxPositionEmbeddings());
        json.put("sliding_window", slidingWindow(config, modelType));
        json.put("tie_word_embeddings", config.tieWordEmbeddings());
        if (config.bosTokenId() >= 0) {
            json.put("bos_token_id", config.bosTokenId());
        }
        final ArrayNode eos = json.putArray("eos_token_id");
        config.eosTokenIds().forEach(eos::add);
        if (head != null) {
            putHead(json, head);
        }
        try {
            return (forPeople ? MAPPER.writerWithDefaultPrettyPrinter() : MAPPER.writer()).writeValueAsString(json);
        } catch (final JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values cannot fail to serialise", e);
        }
    }

    /** As the class counts that is found by the type alone, since no {@code auto_map} is written. */
    private static @Nullable Integer slidingWindow(final ModelConfig config, final String modelType) {
        final Integer before = config.slidingWindow();
        final ModelClass reader = ModelClass.ofType(modelType);
        return before == null || reader == null ? before : Integer.valueOf(reader.slidingWindow(before + 1));
    }

    private static void putHead(final ObjectNode json, final ScoreHead head) {
        json.put("num_labels", head.labelCount());
        final ObjectNode labels = json.putObject("id2label");
        for (int i = 0; i < head.labelCount(); i++) {
            labels.put(Integer.toString(i), head.labels().get(i));
        }
        json.put("problem_type", head.activation().problemType());
        if (head.padTokenId() >= 0) {
            json.put("pad_token_id", head.padTokenId());
        }
    }

    private static void putRopeScaling(final ObjectNode json, final ModelConfig config) {
        final RopeScaling scaling = config.ropeScaling();
        if (scaling == null) {
            json.putNull("rope_scaling");
            return;
        }
        final ObjectNode rope = json.putObject("rope_scaling");
        rope.put("type", "longrope");
        putAll(rope.putArray("short_factor"), scaling.shortFactor());
        putAll(rope.putArray("long_factor"), scaling.longFactor());
        rope.put("short_mscale", scaling.shortMscale());
        rope.put("long_mscale", scaling.longMscale());
        rope.put("original_max_position_embeddings", scaling.originalMaxPositionEmbeddings());
    }

    private static void putAll(final ArrayNode array, final List<Double> values) {
        values.forEach(array::add);
    }
}
