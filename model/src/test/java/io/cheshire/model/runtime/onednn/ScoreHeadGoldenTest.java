package io.cheshire.model.runtime.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.cheshire.model.core.kernel.GoldenModel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.core.kernel.ReferenceKernels;
import io.cheshire.model.core.kernel.SingleProcessModel;
import io.cheshire.model.protocol.Precision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A head that scores, against what numpy makes of torch's logits, and the same bits however a text is computed. */
class ScoreHeadGoldenTest {
    private static final float TOLERANCE = 1e-5f;
    private static final int LABELS = 3;

    private static float[][] scores(
            final Kernels kernels, final Precision precision, final int[] ids, final int chunk) {
        try (SingleProcessModel model = new SingleProcessModel(
                GoldenModel.scoringConfig(LABELS),
                precision,
                kernels,
                GoldenModel.scoringWeights(LABELS),
                GoldenModel::unitWeights,
                64,
                32)) {
            return model.logits(ids, ids.length, new int[] {chunk}, (layer, batch, lane) -> {});
        } finally {
            kernels.close();
        }
    }

    private static int[] tokens(final String name) {
        final List<Integer> ids = new ArrayList<>();
        GoldenModel.golden().get("cases").get(name).get("token_ids").forEach(id -> ids.add(id.asInt()));
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"short12", "edge16", "edge17", "long24"})
    void shouldSayOfTheLastTokenWhatTheHeadSaysOfTorchsRow(final String name) {
        final int[] ids = tokens(name);
        final JsonNode golden = GoldenModel.scores().get("cases").get(name).get("scores");
        for (final Kernels kernels : List.of(new OneDnnKernels(2), new ReferenceKernels())) {
            final float[] last = scores(kernels, Precision.FP32, ids, 32)[ids.length - 1];
            assertThat(last).hasSize(LABELS);
            for (int label = 0; label < LABELS; label++) {
                assertThat(last[label])
                        .as("%s, label %d", kernels.description(), label)
                        .isCloseTo((float) golden.get(label).asDouble(), within(TOLERANCE));
            }
        }
    }

    /** The head is in fp32 whatever the rest is in, so that rows don't depend on how many are multiplied at once. */
    @ParameterizedTest
    @ValueSource(strings = {"FP32", "BF16", "INT8"})
    void shouldGiveTheSameBitsInOneStepAndTokenByToken(final String name) {
        final Precision precision = Precision.valueOf(name);
        final int[] ids = tokens("long24");
        assertThat(scores(new OneDnnKernels(2), precision, ids, 1))
                .isDeepEqualTo(scores(new OneDnnKernels(2), precision, ids, 32));
    }

    @Test
    void shouldBeInFp32WhereTheModelIsInBf16() {
        final int[] ids = tokens("short12");
        final float[][] fast = scores(new OneDnnKernels(2), Precision.BF16, ids, 32);
        final float[][] reference = scores(new ReferenceKernels(), Precision.BF16, ids, 32);
        for (int row = 0; row < ids.length; row++) {
            for (int label = 0; label < LABELS; label++) {
                assertThat(fast[row][label]).isCloseTo(reference[row][label], within(2e-2f));
            }
        }
    }
}
