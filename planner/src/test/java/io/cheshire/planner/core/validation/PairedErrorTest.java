package io.cheshire.planner.core.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PairedErrorTest {
    @Test
    void shouldLeaveOutWhatOneSideDoesNotHave() {
        final double[] measured = {100, Double.NaN, 200, 400};
        final double[] predicted = {110, 50, Double.NaN, 360};

        final PairedError error = PairedError.of(measured, predicted, predicted, predicted);

        assertThat(error.pairs()).isEqualTo(2);
        assertThat(error.signed()).isCloseTo(0, within(1e-9)); // 10 % more and 10 % less
        assertThat(error.mape()).isCloseTo(0.1, within(1e-9));
        assertThat(error.correlation()).isCloseTo(1, within(1e-9));
        assertThat(error.coverage()).isZero();
    }

    @Test
    void shouldCoverWhatLiesBetweenTheEnds() {
        final PairedError error = PairedError.of(
                new double[] {100, 200, 300}, new double[] {110, 190, 500}, new double[] {95, 150, 450}, new double[] {
                    120, 260, 550
                });

        assertThat(error.coverage()).isCloseTo(2.0 / 3, within(1e-9));
    }
}
