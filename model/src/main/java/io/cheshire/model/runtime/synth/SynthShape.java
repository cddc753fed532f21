package io.cheshire.model.runtime.synth;

import io.cheshire.model.protocol.GateKind;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.ModelConfigParser;
import io.cheshire.model.protocol.ModelConfigWriter;
import io.cheshire.model.protocol.RopeScaling;
import io.cheshire.model.protocol.ScoreHead;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sizes of a synthetic model.
 *
 * @param hidden               width of the residual stream
 * @param ffn                  width of an expert
 * @param layers               layers
 * @param heads                query heads
 * @param kvHeads              key/value heads
 * @param headDim              width of a head, or 0 for {@code hidden / heads}
 * @param experts              experts per layer
 * @param vocab                vocabulary
 * @param maxPositions         longest sequence
 * @param longRopeFromPosition 0 for plain RoPE; else LongRoPE, whose short table serves sequences of up to so many
 *                             tokens
 */
public record SynthShape(
        int hidden,
        int ffn,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int experts,
        int vocab,
        int maxPositions,
        int longRopeFromPosition) {
    private static final double NORM_EPSILON = 1e-5;
    private static final double JITTER = 0.01;
    private static final double ROPE_THETA = 10_000.0;

    /**
     * The config of such a model: biases on, epsilon 1e-5, jitter 0.01, theta 10000, head not tied, as in Phi-3.5-MoE.
     * It passes through the parser, so sizes that don't fit together are refused by field, as in a file.
     *
     * @throws io.cheshire.model.protocol.ModelException listing every field that is wrong
     */
    public ModelConfig toConfig() {
        return toConfig(0);
    }

    /** The same with a head of so many labels in the place of a language model's; 0: a language model. */
    public ModelConfig toConfig(final int labels) {
        final int dim = headDim != 0 || heads == 0 ? headDim : hidden / heads;
        final ModelConfig config = new ModelConfig(
                "phimoe",
                vocab,
                hidden,
                ffn,
                layers,
                heads,
                kvHeads,
                dim,
                experts,
                2,
                NORM_EPSILON,
                JITTER,
                true,
                labels == 0,
                ROPE_THETA,
                longRopeFromPosition == 0 ? null : scaling(dim / 2),
                maxPositions,
                null,
                false,
                GateKind.SPARSE_MIXER,
                1,
                List.of(2),
                labels == 0 ? null : head(labels));
        return ModelConfigParser.parse(
                ModelConfigWriter.toJson(config).getBytes(StandardCharsets.UTF_8), "the synthetic model");
    }

    private static ScoreHead head(final int labels) {
        return new ScoreHead(
                IntStream.range(0, labels).mapToObj(i -> "LABEL_" + i).toList(),
                labels == 1 ? ScoreHead.Activation.SIGMOID : ScoreHead.Activation.SOFTMAX,
                -1);
    }

    /** Factors that grow from 1 to 2 and from 1 to max/original, roughly as the published ones do. */
    private RopeScaling scaling(final int pairs) {
        final double stretch = Math.max(1.0, (double) maxPositions / longRopeFromPosition);
        final double mscale =
                Math.sqrt(1.0 + StrictMath.log(stretch) / StrictMath.log(Math.max(2.0, longRopeFromPosition)));
        return new RopeScaling(factors(pairs, 2.0), factors(pairs, stretch), mscale, mscale, longRopeFromPosition);
    }

    private static List<Double> factors(final int pairs, final double last) {
        return IntStream.range(0, pairs)
                .mapToObj(i -> 1.0 + (last - 1.0) * i / Math.max(1, pairs - 1))
                .toList();
    }
}
