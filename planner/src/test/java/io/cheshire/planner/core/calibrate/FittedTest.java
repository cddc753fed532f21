package io.cheshire.planner.core.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.protocol.calibration.Calibration.Point;
import io.cheshire.model.protocol.calibration.Fit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FittedTest {
    private final Random random = new Random(3);

    /** Twenty measurements that scatter by so much, and one that a stall fell into. */
    private Sample sample(final double first, final double second, final double ns, final double scatter) {
        final List<Double> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(ns * (1 + scatter * random.nextGaussian()));
        }
        all.add(100 * ns);
        return new Sample(first, second, all);
    }

    @Test
    void shouldFindThePlaneThatMadeTheTimes() {
        final List<Sample> samples = new ArrayList<>();
        for (final double first : new double[] {10, 100, 1_000}) {
            for (final double second : new double[] {1, 4, 16}) {
                samples.add(sample(first, second, 2_000 + 30 * first + 500 * second, 0.02));
            }
        }
        final Fit.Plane plane = (Fit.Plane) Fitted.plane(samples).fit();

        assertThat(plane.constantNs()).isCloseTo(2_000, within(200.0));
        assertThat(plane.perFirstNs()).isCloseTo(30, within(1.0));
        assertThat(plane.perSecondNs()).isCloseTo(500, within(50.0));
        assertThat(plane.maxFirst()).isEqualTo(1_000);
        assertThat(plane.relativeError())
                .as("medians of twenty that scatter by 2 %")
                .isBetween(0.002, 0.03);
    }

    @Test
    void shouldGiveNoPartOfATimeANegativeLength() {
        final List<Sample> samples =
                List.of(sample(1, 0, 900, 0), sample(2, 0, 2_100, 0), sample(4, 0, 4_000, 0), sample(8, 0, 8_200, 0));
        final Fit.Plane plane = (Fit.Plane) Fitted.plane(samples).fit();

        assertThat(plane.constantNs()).as("plain least squares would say -90").isZero();
        assertThat(plane.perSecondNs()).isZero();
        assertThat(plane.perFirstNs()).isCloseTo(1_000, within(40.0));
    }

    @Test
    void shouldWidenTheIntervalWhereTheFormDoesNotFit() {
        final List<Sample> curved = new ArrayList<>();
        for (final double first : new double[] {1, 2, 4, 8, 16, 32}) {
            curved.add(sample(first, 0, 100 * first * first, 0.01));
        }
        final Fitted fitted = Fitted.plane(curved);

        assertThat(fitted.fit().relativeError()).as("a line through squares").isGreaterThan(0.3);
        assertThat(fitted.points().stream()
                        .mapToDouble(Point::residual)
                        .map(Math::abs)
                        .max()
                        .orElse(0))
                .as("and the residuals show it")
                .isGreaterThan(0.3);
    }

    @Test
    void shouldKeepATableExactAtItsPointsAndSayHowMuchLiesBetween() {
        final Fitted smooth = Fitted.table(List.of(sample(4, 0, 400, 0), sample(1, 0, 100, 0), sample(2, 0, 200, 0)));
        assertThat(smooth.fit()).isEqualTo(new Fit.Table(List.of(1.0, 2.0, 4.0), List.of(100.0, 200.0, 400.0), 0));

        final Fitted jumping = Fitted.table(List.of(sample(1, 0, 100, 0), sample(2, 0, 300, 0), sample(3, 0, 120, 0)));
        assertThat(jumping.fit().relativeError()).isGreaterThan(0.1);
    }

    @Test
    void shouldScaleAFitAndOwnUpToIt() {
        final Fitted once = Fitted.rate(sample(1_000, 0, 5_000, 0));
        assertThat(once.fit().ns(2_000, 0)).isCloseTo(10_000, within(1e-6));
        assertThat(once.times(1.2).fit().ns(1_000, 0)).isCloseTo(6_000, within(1e-6));
        assertThat(once.times(1.2).fit().relativeError()).isCloseTo(0.1, within(1e-9));
    }
}
