package io.cheshire.model.core.kernel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.RopeScaling;
import io.cheshire.model.protocol.ScoreHead;
import io.cheshire.model.protocol.ScoreHead.Activation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tiny synthetic model of docs/model.md §9, straight from its recipe, and the golden outputs that Microsoft's code
 * gave for it ({@code fixtures/phimoe-tiny-golden.json}).
 */
public final class GoldenModel {
    private static final String FIXTURE = "/fixtures/phimoe-tiny-golden.json";
    private static final String SCORES = "/fixtures/phimoe-tiny-scores.json";

    private GoldenModel() {}

    /** The fixture file. */
    public static JsonNode golden() {
        return read(FIXTURE);
    }

    /** What a head says, and entropies, of the cases of {@link #golden}, from torch's logits alone. */
    public static JsonNode scores() {
        return read(SCORES);
    }

    private static JsonNode read(final String fixture) {
        try (InputStream in = GoldenModel.class.getResourceAsStream(fixture)) {
            return new ObjectMapper().readTree(in);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    /** LongRoPE with different short and long mscale; context 64, long table from 17 tokens. */
    public static ModelConfig config() {
        return new ModelConfig(
                "phimoe",
                64,
                32,
                48,
                2,
                4,
                2,
                8,
                8,
                2,
                1e-5,
                0.01,
                true,
                true,
                10000.0,
                new RopeScaling(List.of(1.0, 1.05, 1.25, 2.0), List.of(1.0, 1.5, 4.0, 16.0), 1.25, 1.5, 16),
                64,
                null,
                false,
                GateKind.SPARSE_MIXER,
                1,
                List.of(2),
                null);
    }

    /** The same with a head of so many labels, {@code score.weight}, in the place of a language model's. */
    public static ModelConfig scoringConfig(final int labels) {
        final ModelConfig base = config();
        final List<String> names =
                IntStream.range(0, labels).mapToObj(i -> "label " + i).toList();
        return new ModelConfig(
                base.modelType(),
                base.vocabSize(),
                base.hiddenSize(),
                base.ffnSize(),
                base.layerCount(),
                base.headCount(),
                base.kvHeadCount(),
                base.headDim(),
                base.expertCount(),
                base.expertsPerToken(),
                base.normEpsilon(),
                base.routerJitterNoise(),
                base.attentionBias(),
                false,
                base.ropeTheta(),
                base.ropeScaling(),
                base.maxPositionEmbeddings(),
                base.slidingWindow(),
                false,
                base.gateKind(),
                base.bosTokenId(),
                base.eosTokenIds(),
                new ScoreHead(names, labels == 1 ? Activation.SIGMOID : Activation.SOFTMAX, -1));
    }

    /** Those of {@link #scoringConfig}. */
    public static RouterWeights scoringWeights(final int labels) {
        final RouterWeights base = routerWeights();
        return new RouterWeights(
                base.embedding(),
                base.layers(),
                base.normWeight(),
                base.normBias(),
                tensor("score.weight", labels, 32),
                null);
    }

    public static RouterWeights routerWeights() {
        final List<RouterWeights.Layer> layers = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
            final String p = "model.layers." + n + ".";
            final String a = p + "self_attn.";
            layers.add(new RouterWeights.Layer(
                    tensor(p + "input_layernorm.weight", 32),
                    tensor(p + "input_layernorm.bias", 32),
                    tensor(a + "q_proj.weight", 32, 32),
                    tensor(a + "q_proj.bias", 32),
                    tensor(a + "k_proj.weight", 16, 32),
                    tensor(a + "k_proj.bias", 16),
                    tensor(a + "v_proj.weight", 16, 32),
                    tensor(a + "v_proj.bias", 16),
                    tensor(a + "o_proj.weight", 32, 32),
                    tensor(a + "o_proj.bias", 32),
                    tensor(p + "post_attention_layernorm.weight", 32),
                    tensor(p + "post_attention_layernorm.bias", 32),
                    tensor(p + "block_sparse_moe.gate.weight", 8, 32)));
        }
        return new RouterWeights(
                tensor("model.embed_tokens.weight", 64, 32),
                layers,
                tensor("model.norm.weight", 32),
                tensor("model.norm.bias", 32),
                tensor("lm_head.weight", 64, 32),
                tensor("lm_head.bias", 64));
    }

    public static UnitWeights unitWeights(final ExpertKey key) {
        final String p = "model.layers." + key.layer() + ".block_sparse_moe.experts." + key.expert() + ".";
        return new UnitWeights(
                key, tensor(p + "w1.weight", 48, 32), tensor(p + "w2.weight", 32, 48), tensor(p + "w3.weight", 48, 32));
    }

    /** A tensor by name: the name decides its values. */
    public static TensorView tensor(final String name, final long... shape) {
        long count = 1;
        final List<Long> dimensions = new ArrayList<>();
        for (final long dimension : shape) {
            count *= dimension;
            dimensions.add(dimension);
        }
        final MemorySegment data =
                MemorySegment.ofArray(values(name, (int) count)).asReadOnly();
        return new TensorView(name, Dtype.F32, dimensions, data);
    }

    private static float[] values(final String name, final int count) {
        long state = 0xcbf29ce484222325L;
        for (final byte b : name.getBytes(StandardCharsets.UTF_8)) {
            state = (state ^ (b & 0xff)) * 0x100000001b3L;
        }
        final float base = name.endsWith("norm.weight") ? 1f : 0f;
        final float scale = scale(name);
        final float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            state += 0x9E3779B97F4A7C15L;
            long z = state;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            final float u = (z >>> 40) * 0x1p-24f;
            values[i] = base + (u - 0.5f) * (2 * scale);
        }
        return values;
    }

    private static float scale(final String name) {
        if (name.startsWith("model.embed_tokens")) {
            return 1f;
        }
        if (name.endsWith(".bias") || name.endsWith("norm.weight")) {
            return 0.125f;
        }
        return name.endsWith("gate.weight") ? 0.5f : 0.25f;
    }
}
