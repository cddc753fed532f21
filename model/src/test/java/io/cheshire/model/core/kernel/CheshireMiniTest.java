package io.cheshire.model.core.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.model.testing.ModelPaths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reference in fp32 against models/cheshire-mini/README.md, made with an independent fp32 implementation. */
class CheshireMiniTest {
    private static final Set<Integer> STOP_IDS = Set.of(4080, 4081, 4087);
    private static final int[] FIRST_PROMPT = {4090, 748, 437, 665, 337, 259, 324, 1086, 334, 303, 4087, 4081};

    private static Checkpoint checkpoint;
    private static SingleProcessModel model;

    @BeforeAll
    static void load() {
        checkpoint = Checkpoint.open(ModelPaths.cheshireMini());
        model = new SingleProcessModel(
                checkpoint.config(),
                Precision.FP32,
                new ReferenceKernels(),
                checkpoint.routerWeights(),
                checkpoint::unit,
                64,
                16);
    }

    @AfterAll
    static void close() {
        model.close();
        checkpoint.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4090,748,437,665,337,259,324,1086,334,303,4087,4081"
                        + "| 665,337,259,324,1086,334,259,311,1404,327,281,4087",
                "4090,1062,437,355,2516,2791,303,4087,4081"
                        + "| 460,2516,2791,437,351,2283,1134,2605,568,612,2386,752,369,1239,790,945,2283,1355,281,4087",
                "4090,918,1016,2704,544,1150,2976,303,4087,4081 | 2905,2704,544,1150,2976,281,4087",
                "4090,918,710,437,1378,328,259,289,1375,303,4087,4081"
                        + "| 1378,328,259,289,1375,259,311,1345,334,281,4087",
                "846,415,2880,371,792,600,2730,381"
                        + "| 664,278,388,355,2840,381,355,664,355,793,541,2433"
                        + ",281,13,285,284,285,272,351,631,724,481,355,1579",
                "2008,842,2151"
                        + "| 498,259,311,259,308,1434,259,324,665,307,259,343"
                        + ",259,308,305,259,3910,665,307,259,343,259,308,1846"
            })
    void shouldContinueEveryPublishedPrompt(final String prompt, final String continuation) {
        final int[] expected = ids(continuation);

        assertThat(model.greedy(ids(prompt), expected.length, STOP_IDS)).containsExactly(expected);
    }

    @Test
    void shouldGiveThePublishedLogitsAndRouting() {
        final int last = FIRST_PROMPT.length - 1;
        final List<Integer> experts = new ArrayList<>();
        final List<Float> weights = new ArrayList<>();
        final float[] logits = model.logits(FIRST_PROMPT, FIRST_PROMPT.length, new int[] {16}, (layer, batch, lane) -> {
            for (int k = 0; k < 2; k++) {
                experts.add(lane.experts[last * 2 + k]);
                weights.add(lane.weights[last * 2 + k]);
            }
        })[last];

        final int[] best = {665, 1086, 1132, 1425, 460, 259};
        final float[] values = {17.51186f, 9.76600f, 8.87966f, 7.27398f, 7.02605f, 6.71804f};
        for (int i = 0; i < best.length; i++) {
            assertThat(logits[best[i]]).isCloseTo(values[i], within(2e-4f));
        }
        assertThat(experts).containsExactly(5, 4, 2, 9, 3, 2, 13, 4);
        final float[] published = {1f, 0.500671f, 1f, 0.517098f, 1f, 1f, 0.364319f, 0.276764f};
        for (int i = 0; i < published.length; i++) {
            assertThat(weights.get(i)).isCloseTo(published[i], within(5e-6f));
        }
    }

    @Test
    void shouldGiveTheSameBitsWhenThePromptIsCutIntoChunks() {
        final float[][] whole = model.logits(FIRST_PROMPT);

        assertThat(model.logits(FIRST_PROMPT, FIRST_PROMPT.length, new int[] {1}, (layer, batch, lane) -> {}))
                .isDeepEqualTo(whole);
        assertThat(model.logits(FIRST_PROMPT, FIRST_PROMPT.length, new int[] {5, 3, 1}, (layer, batch, lane) -> {}))
                .isDeepEqualTo(whole);
    }

    private static int[] ids(final String text) {
        return Arrays.stream(text.split(",", -1))
                .mapToInt(s -> Integer.parseInt(s.trim()))
                .toArray();
    }
}
