package io.cheshire.model.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.testing.EmulatedCuda;
import org.junit.jupiter.api.Test;

/** The whole model on an emulated GPU in fp32 against the outputs of Microsoft's code. */
class CudaGoldenModelTest {
    private static final JsonNode GOLDEN = GoldenModel.golden();
    private static final float LOGIT_TOLERANCE = 1e-5f;

    @Test
    void shouldMatchEveryGoldenCase() {
        try (CudaKernels kernels = EmulatedKernels.open(EmulatedCuda.fresh());
                SingleProcessModel model = new SingleProcessModel(
                        GoldenModel.config(),
                        Precision.FP32,
                        kernels,
                        GoldenModel.routerWeights(),
                        GoldenModel::unitWeights,
                        64,
                        32)) {
            for (final String name : new String[] {"short12", "edge16", "edge17", "long24"}) {
                final JsonNode golden = GOLDEN.get("cases").get(name);
                final float[][] logits = model.logits(ints(golden.get("token_ids")));
                final float[] last = logits[logits.length - 1];
                for (int i = 0; i < last.length; i++) {
                    assertThat(last[i])
                            .as("%s logit %d", name, i)
                            .isCloseTo(
                                    (float) golden.get("last_logits_fp32")
                                            .get(i)
                                            .asDouble(),
                                    within(LOGIT_TOLERANCE));
                }
                for (int row = 0; row < logits.length; row++) {
                    assertThat(SingleProcessModel.argmax(logits[row]))
                            .isEqualTo(golden.get("argmax_all").get(row).asInt());
                }
            }
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
