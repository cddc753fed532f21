package io.cheshire.model.core.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DivergenceTest {
    @Test
    void shouldFindNothingBetweenEqualDistributions() {
        final Divergence divergence = new Divergence();
        divergence.add(new float[] {1, 2, 3}, new float[] {2, 3, 4}, 1);

        final Divergence.Result result = divergence.result();
        assertThat(result.meanKl()).isCloseTo(0, within(1e-7));
        assertThat(result.topAgreement()).isEqualTo(1);
        assertThat(result.largestLogprobGap()).isCloseTo(0, within(1e-6));
        assertThat(result.perplexity()).isCloseTo(result.referencePerplexity(), within(1e-5));
    }

    /** p = (1/2, 1/2), q = (1/4, 3/4): KL(p, q) = ln 2 - (ln 3) / 2 in closed form. */
    @Test
    void shouldMeasureTheDivergenceFromTheReference() {
        final float third = (float) StrictMath.log(3);
        final Divergence divergence = new Divergence();
        divergence.add(new float[] {0, 0}, new float[] {0, third}, 0);

        final Divergence.Result result = divergence.result();
        assertThat(result.meanKl()).isCloseTo(StrictMath.log(2) - StrictMath.log(3) / 2, within(1e-6));
        assertThat(result.topAgreement()).isZero();
        assertThat(result.referencePerplexity()).isCloseTo(2, within(1e-5));
        assertThat(result.perplexity()).isCloseTo(4, within(1e-5));
        assertThat(result.largestLogprobGap()).isCloseTo(StrictMath.log(2), within(1e-5));
    }

    @Test
    void shouldTellTheWorstHundredthApart() {
        final Divergence divergence = new Divergence();
        for (int i = 0; i < 2000; i++) {
            divergence.add(new float[] {0, 0}, new float[] {0, i < 40 ? 5 : 0}, 0);
        }

        assertThat(divergence.result().medianKl()).isCloseTo(0, within(1e-7));
        assertThat(divergence.result().p99Kl()).isGreaterThan(1);
    }

    @Test
    void shouldRefuseToJudgeNothing() {
        assertThatThrownBy(() -> new Divergence().result()).hasMessageContaining("no position");
    }
}
