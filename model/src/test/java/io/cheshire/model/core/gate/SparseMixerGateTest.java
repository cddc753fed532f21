package io.cheshire.model.core.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparseMixerGateTest {
    private static final double EPSILON = 0.01;
    private static final float FEW_ULP = 3 * Math.ulp(0.5f);

    /** Golden rows of docs/model.md §4.2. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "4, 1, 3, -2            | 0,2 | 1.0 | 1.0",
                "5, 4.95, 1, 0          | 0,1 | 0.5124974250793457 | 1.0",
                "6, 4, 3.95, 0.5        | 0,1 | 1.0 | 0.5124973654747009",
                "10, 9.9, 9.85, 9.7     | 0,1 | 0.3615923225879669 | 0.5124971866607666",
                "-1, -1.01, -1.5, -3    | 0,1 | 0.5024999976158142 | 1.0",
                "2, 2, 1, 0             | 0,1 | 0.5 | 1.0",
                "0, 0, -1, -2           | 0,1 | 0.5 | 1.0",
                "0, -1e-6, -1, -2       | 0,1 | 1.0 | 1.0",
                "1, 0.98, 0.5, 0.1      | 0,1 | 0.5049998760223389 | 1.0",
                "3, -0.5, -0.505, -0.6  | 0,1 | 1.0 | 0.5012499690055847",
                "1, 1, 1, 1             | 0,1 | 0.25 | 0.3333333432674408"
            })
    void shouldMatchTheGoldenRows(
            final String logits, final String experts, final float firstWeight, final float secondWeight) {
        assertRouting(EPSILON, logits, experts, firstWeight, secondWeight);
    }

    private static void assertRouting(
            final double epsilon,
            final String logits,
            final String experts,
            final float firstWeight,
            final float secondWeight) {
        final Routing routing = route(floats(logits), epsilon);

        assertThat(routing.experts())
                .containsExactly(Arrays.stream(experts.split(",", -1))
                        .mapToInt(s -> Integer.parseInt(s.trim()))
                        .toArray());
        assertThat(routing.weights()[0]).isCloseTo(firstWeight, within(FEW_ULP));
        assertThat(routing.weights()[1]).isCloseTo(secondWeight, within(FEW_ULP));
    }

    @Test
    void shouldTakeTheLowestIndexesWhenLogitsTie() {
        assertThat(route(new float[] {0, 3, 1, 3, 3}, EPSILON).experts()).containsExactly(1, 3);
    }

    @Test
    void shouldUseTheConfiguredBandWhenItIsWide() {
        // eps 0.1: 4.2 lies within 20 % of 5 but 3.9 does not.
        final Routing routing = route(new float[] {5, 4.2f, 3.9f}, 0.1);

        assertThat(routing.weights()[0]).isCloseTo((float) (1 / (1 + Math.exp(4.2f - 5))), within(FEW_ULP));
        assertThat(routing.weights()[1]).isCloseTo((float) (1 / (1 + Math.exp(3.9f - 4.2f))), within(FEW_ULP));
    }

    /**
     * docs/model.md §4.1 with a threshold of 0: a band of ties only, so every weight is one over the number of equals.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5, 4.999999, 4.999998, 0 | 0,1 | 1.0 | 1.0",
                "-1, -1.000001, -3, -4    | 0,1 | 1.0 | 1.0",
                "2, 2, 1, 1               | 0,1 | 0.5 | 1.0",
                "3, 1, 1, 1               | 0,1 | 1.0 | 0.3333333432674408",
                "0, 0, 0, -1              | 0,1 | 0.3333333432674408 | 0.5"
            })
    void shouldKeepOnlyTheMaximumAndItsTiesWhenThereIsNoBand(
            final String logits, final String experts, final float firstWeight, final float secondWeight) {
        assertRouting(0, logits, experts, firstWeight, secondWeight);
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-Infinity"})
    void shouldGiveNaNWeightsAndLegalExpertsWhenALogitIsNotFinite(final float poison) {
        final Routing routing = route(new float[] {1, 2, poison, 0}, EPSILON);

        assertThat(routing.experts()).containsExactly(0, 1);
        assertThat(routing.weights()).containsExactly(Float.NaN, Float.NaN);
    }

    @Test
    void shouldWriteOnlyItsOwnRow() {
        final int[] experts = {-7, -7, -7, -7};
        final float[] weights = {-7, -7, -7, -7};
        new SparseMixerGate(3, 2, EPSILON).route(new float[] {9, 9, 1, 2, 3, 9}, 2, experts, weights, 1);

        assertThat(experts).containsExactly(-7, 2, 1, -7);
        assertThat(weights).containsExactly(-7, 1, 1, -7);
    }

    @Test
    void shouldRefuseAnythingButTopTwo() {
        assertThatThrownBy(() -> new SparseMixerGate(16, 1, EPSILON)).hasMessageContaining("num_experts_per_tok 2");
        assertThatThrownBy(() -> new SparseMixerGate(16, 2, Double.NaN)).hasMessageContaining("router_jitter_noise");
    }

    @Property(tries = 2000)
    void shouldEqualALiteralTranscriptionForAnyLogits(
            @ForAll("logits") final float[] logits, @ForAll @IntRange(min = 0, max = 3) final int epsilonIndex) {
        final double epsilon = new double[] {0, 0.01, 0.05, 0.1}[epsilonIndex];
        final Routing expected = literal(logits, (float) (2 * epsilon));
        final Routing actual = route(logits, epsilon);

        assertThat(actual.experts()).containsExactly(expected.experts());
        assertThat(actual.weights()[0]).isCloseTo(expected.weights()[0], within(1e-6f));
        assertThat(actual.weights()[1]).isCloseTo(expected.weights()[1], within(1e-6f));
    }

    @Property(tries = 500)
    void shouldRouteTheSameWhenLogitsAreScaled(
            @ForAll("logits") final float[] logits, @ForAll @IntRange(min = -6, max = 6) final int exponent) {
        final float[] scaled = logits.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = Math.scalb(scaled[i], exponent);
        }
        assertThat(route(scaled, EPSILON).experts())
                .containsExactly(route(logits, EPSILON).experts());
    }

    /** Coarse steps, so that ties, zeros and neighbours within the band are common. */
    @Provide
    Arbitrary<float[]> logits() {
        return Arbitraries.integers()
                .between(-160, 160)
                .map(i -> i / 20f)
                .array(float[].class)
                .ofSize(16);
    }

    /** docs/model.md §4.1 line by line with real masked arrays; sums in double. */
    private static Routing literal(final float[] s, final float threshold) {
        final int[] experts = new int[2];
        final float[] weights = new float[2];
        final float[] cand = s.clone();
        for (int round = 0; round < 2; round++) {
            float m = Float.NEGATIVE_INFINITY;
            for (final float c : cand) {
                m = Math.max(m, c);
            }
            int e = 0;
            while (cand[e] != m) {
                e++;
            }
            final float[] g = cand.clone();
            for (int i = 0; i < s.length; i++) {
                final float f = Math.max(Math.abs(s[i]), m);
                if ((m - s[i]) / f > threshold) {
                    g[i] = Float.NEGATIVE_INFINITY;
                }
            }
            double sum = 0;
            for (final float value : g) {
                sum += Math.exp((double) value - m);
            }
            experts[round] = e;
            weights[round] = (float) (Math.exp((double) g[e] - m) / sum);
            cand[e] = Float.NEGATIVE_INFINITY;
        }
        return new Routing(experts, weights);
    }

    @SuppressWarnings("ArrayRecordComponent") // a pair of results, never compared
    private record Routing(int[] experts, float[] weights) {}

    private static Routing route(final float[] logits, final double epsilon) {
        final int[] experts = new int[2];
        final float[] weights = new float[2];
        new SparseMixerGate(logits.length, 2, epsilon).route(logits, 0, experts, weights, 0);
        return new Routing(experts, weights);
    }

    private static float[] floats(final String text) {
        final String[] parts = text.split(",", -1);
        final float[] values = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            values[i] = Float.parseFloat(parts[i].trim());
        }
        return values;
    }
}
