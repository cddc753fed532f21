package io.cheshire.model.core.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class SoftmaxTopKGateTest {
    private final int[] experts = new int[2];
    private final float[] weights = new float[2];

    /** Softmax over all, top-2, divided by their sum is the softmax over the two chosen logits. */
    @Property(tries = 500)
    void shouldEqualTheSoftmaxOfTheTwoLargest(@ForAll("logits") final float[] logits) {
        new SoftmaxTopKGate(8, 2).route(logits, 0, experts, weights, 0);

        final float a = logits[experts[0]];
        final float b = logits[experts[1]];
        for (int i = 0; i < logits.length; i++) {
            assertThat(a).isGreaterThanOrEqualTo(logits[i]);
            if (i != experts[0]) {
                assertThat(b).isGreaterThanOrEqualTo(logits[i]);
            }
        }
        assertThat(weights[0]).isCloseTo((float) (1 / (1 + Math.exp((double) b - a))), within(1e-6f));
        assertThat(weights[0] + weights[1]).isCloseTo(1f, within(1e-6f));
    }

    @Provide
    Arbitrary<float[]> logits() {
        return Arbitraries.integers()
                .between(-160, 160)
                .map(i -> i / 20f)
                .array(float[].class)
                .ofSize(8);
    }

    @Test
    void shouldTakeTheLowestIndexesWhenLogitsTie() {
        new SoftmaxTopKGate(4, 2).route(new float[] {1, 2, 2, 2}, 0, experts, weights, 0);

        assertThat(experts).containsExactly(1, 2);
        assertThat(weights).containsExactly(0.5f, 0.5f);
    }

    @Test
    void shouldGiveNaNWeightsAndLegalExpertsWhenALogitIsNaN() {
        new SoftmaxTopKGate(3, 2).route(new float[] {1, Float.NaN, 0}, 0, experts, weights, 0);

        assertThat(experts).containsExactly(0, 1);
        assertThat(weights).containsExactly(Float.NaN, Float.NaN);
    }
}
