package io.cheshire.model.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.protocol.Precision;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The reference kernels against Microsoft's code: docs/model.md §8, steps 3 and 4. */
class GoldenModelTest {
    private static final double LOGIT_TOLERANCE = 1e-5;
    private static final JsonNode GOLDEN = GoldenModel.golden();

    private final SingleProcessModel model = new SingleProcessModel(
            GoldenModel.config(),
            Precision.FP32,
            new ReferenceKernels(),
            GoldenModel.routerWeights(),
            GoldenModel::unitWeights,
            64,
            32);

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void shouldGenerateTheWeightsOfTheFixture() {
        final Iterator<String> names = GOLDEN.get("first_values").fieldNames();
        while (names.hasNext()) {
            final String name = names.next();
            final float[] actual = Tensors.toFloats(GoldenModel.tensor(name, 4), 4);
            assertThat(actual)
                    .as(name)
                    .containsExactly(floats(GOLDEN.get("first_values").get(name)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"short12", "edge16", "edge17", "long24"})
    void shouldMatchEveryGoldenCase(final String name) {
        final JsonNode golden = GOLDEN.get("cases").get(name);
        final List<Layer> layers = new ArrayList<>();
        final float[][] logits = run(tokens(golden), new int[] {32}, layers);

        for (int n = 0; n < layers.size(); n++) {
            assertLayer(layers.get(n), golden.get("layers").get(n), name + " layer " + n);
        }
        final float[] last = floats(golden.get("last_logits_fp32"));
        assertThat(logits[logits.length - 1]).containsExactly(last, within((float) LOGIT_TOLERANCE));
        for (int i = 0; i < logits.length; i++) {
            assertThat(SingleProcessModel.argmax(logits[i]))
                    .isEqualTo(golden.get("argmax_all").get(i).asInt());
            assertThat(sum(logits[i]))
                    .isCloseTo(golden.get("logits_row_sums_fp32").get(i).asDouble(), within(1e-4));
        }
    }

    private static void assertLayer(final Layer layer, final JsonNode golden, final String what) {
        final int rows = golden.get("experts").size();
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < 2; k++) {
                assertThat(layer.experts()[row * 2 + k])
                        .as("%s row %d choice %d", what, row, k)
                        .isEqualTo(golden.get("experts").get(row).get(k).asInt());
                assertThat((double) layer.weights()[row * 2 + k])
                        .as("%s row %d weight %d", what, row, k)
                        .isCloseTo(golden.get("weights").get(row).get(k).asDouble(), within(1e-5));
            }
        }
        assertThat(layer.lastRouterLogits())
                .as(what)
                .containsExactly(floats(golden.get("router_logits_last")), within((float) LOGIT_TOLERANCE));
        assertThat(layer.lastOutput()).as(what).containsExactly(floats(golden.get("hidden_out_last")), within((float)
                LOGIT_TOLERANCE));
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "5", "7", "11"})
    void shouldGiveTheSameBitsHoweverThePromptIsCut(final int chunk) {
        final int[] tokens = tokens(GOLDEN.get("cases").get("short12"));
        final float[][] whole = run(tokens, new int[] {32}, new ArrayList<>());
        final float[][] cut = run(tokens, new int[] {chunk}, new ArrayList<>());

        assertThat(cut).isDeepEqualTo(whole);
    }

    @Test
    void shouldMatchEdge17WhenASequenceAdmittedForSeventeenTokensIsDecodedPastSixteen() {
        final JsonNode golden = GOLDEN.get("cases").get("edge17");
        final float[][] logits = run(tokens(golden), new int[] {16, 1}, new ArrayList<>());

        assertThat(logits[16]).containsExactly(floats(golden.get("last_logits_fp32")), within((float) LOGIT_TOLERANCE));
    }

    @Test
    void shouldUseTheTableOfTheTotalLengthAndNotOfThePrompt() {
        final int[] tokens = tokens(GOLDEN.get("cases").get("short12"));

        final float[][] admittedForMore = model.logits(tokens, 20, new int[] {32}, (layer, b, lane) -> {});
        assertThat(admittedForMore[11][0]).isNotCloseTo(model.logits(tokens)[11][0], within(1e-3f));
    }

    @Test
    void shouldStayNearFp32WhenMatmulInputsAreRoundedToBf16() {
        final int[] tokens = tokens(GOLDEN.get("cases").get("short12"));
        try (SingleProcessModel bf16 = new SingleProcessModel(
                GoldenModel.config(),
                Precision.BF16,
                new ReferenceKernels(),
                GoldenModel.routerWeights(),
                GoldenModel::unitWeights,
                64,
                32)) {
            final float[] expected = model.logits(tokens)[11];
            final float[] actual = bf16.logits(tokens)[11];
            assertThat(actual).containsExactly(expected, within(0.05f));
            assertThat(actual).isNotEqualTo(expected);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // a bundle of results, never compared
    private record Layer(int[] experts, float[] weights, float[] lastRouterLogits, float[] lastOutput) {}

    private float[][] run(final int[] tokens, final int[] chunks, final List<Layer> layers) {
        return model.logits(tokens, tokens.length, chunks, (layer, batch, lane) -> {
            final int last = batch.rowCount - 1;
            layers.add(new Layer(
                    lane.experts.clone(), lane.weights.clone(), routerLogits(layer, last, lane), output(last, lane)));
        });
    }

    private static float[] routerLogits(final int layer, final int row, final LaneBuffers lane) {
        final float[] gate = Tensors.toFloats(
                GoldenModel.tensor("model.layers." + layer + ".block_sparse_moe.gate.weight", 8, 32), 8, 32);
        final float[] logits = new float[8];
        for (int e = 0; e < 8; e++) {
            double sum = 0;
            for (int i = 0; i < 32; i++) {
                sum += (double) gate[e * 32 + i] * lane.dispatchRows.getAtIndex(ValueLayout.JAVA_FLOAT, row * 32L + i);
            }
            logits[e] = (float) sum;
        }
        return logits;
    }

    private static float[] output(final int row, final LaneBuffers lane) {
        final float[] output = new float[8];
        for (int i = 0; i < output.length; i++) {
            final float y1 = lane.results.getAtIndex(ValueLayout.JAVA_FLOAT, row * 2L * 32 + i);
            final float y2 = lane.results.getAtIndex(ValueLayout.JAVA_FLOAT, (row * 2L + 1) * 32 + i);
            output[i] = lane.residual.getAtIndex(ValueLayout.JAVA_FLOAT, row * 32L + i)
                    + (lane.weights[row * 2] * y1 + lane.weights[row * 2 + 1] * y2);
        }
        return output;
    }

    private static int[] tokens(final JsonNode golden) {
        final int[] tokens = new int[golden.get("token_ids").size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = golden.get("token_ids").get(i).asInt();
        }
        return tokens;
    }

    private static float[] floats(final JsonNode array) {
        final float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    private static double sum(final float[] values) {
        double sum = 0;
        for (final float value : values) {
            sum += value;
        }
        return sum;
    }
}
