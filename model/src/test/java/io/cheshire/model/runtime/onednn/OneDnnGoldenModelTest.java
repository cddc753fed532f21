package io.cheshire.model.runtime.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.Precision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The CPU kernels in fp32 against the outputs of Microsoft's code (docs/model.md §8, step 3). */
class OneDnnGoldenModelTest {
    private static final JsonNode GOLDEN = GoldenModel.golden();
    private static final float LOGIT_TOLERANCE = 1e-5f;

    private final OneDnnKernels kernels = new OneDnnKernels(2);
    private final SingleProcessModel model = new SingleProcessModel(
            GoldenModel.config(),
            Precision.FP32,
            kernels,
            GoldenModel.routerWeights(),
            GoldenModel::unitWeights,
            64,
            32);

    @AfterEach
    void close() {
        model.close();
        kernels.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"short12", "edge16", "edge17", "long24"})
    void shouldMatchEveryGoldenCase(final String name) {
        final JsonNode golden = GOLDEN.get("cases").get(name);
        final int[] tokens = ints(golden.get("token_ids"));
        final List<int[]> experts = new ArrayList<>();
        final float[][] logits = model.logits(
                tokens, tokens.length, new int[] {32}, (layer, batch, lane) -> experts.add(lane.experts.clone()));

        for (int layer = 0; layer < 2; layer++) {
            final JsonNode expected = golden.get("layers").get(layer).get("experts");
            for (int row = 0; row < tokens.length; row++) {
                assertThat(new int[] {experts.get(layer)[2 * row], experts.get(layer)[2 * row + 1]})
                        .as("experts of layer %d row %d", layer, row)
                        .containsExactly(ints(expected.get(row)));
            }
        }
        final JsonNode last = golden.get("last_logits_fp32");
        for (int i = 0; i < last.size(); i++) {
            assertThat(logits[tokens.length - 1][i])
                    .as("logit %d", i)
                    .isCloseTo((float) last.get(i).asDouble(), within(LOGIT_TOLERANCE));
        }
        for (int row = 0; row < tokens.length; row++) {
            assertThat(SingleProcessModel.argmax(logits[row]))
                    .isEqualTo(golden.get("argmax_all").get(row).asInt());
        }
    }

    private static int[] ints(final JsonNode array) {
        final int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
