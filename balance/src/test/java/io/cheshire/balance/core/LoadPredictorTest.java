package io.cheshire.balance.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LoadPredictorTest {
    private static final double[] PROSE = {40, 30, 20, 10};
    private static final double[] CODE = {10, 10, 20, 60};

    @Test
    void shouldJudgeAPredictionOnlyByTheNextWindow() {
        final LoadPredictor predictor = new LoadPredictor(4, 2, 0.05);
        assertThat(observe(predictor, new double[] {40, 30, 20, 10}).judged()).isFalse();
        assertThat(observe(predictor, new double[] {50, 20, 20, 10}).distance()).isCloseTo(0.1, within(1e-12));
        assertThat(observe(predictor, new double[4]).judged())
                .as("a window without rows")
                .isFalse();
    }

    @Test
    void shouldHalveAWindowsWeightAfterItsHalfLife() {
        final LoadPredictor predictor = new LoadPredictor(2, 1, 1);
        observe(predictor, new double[] {100, 0});
        observe(predictor, new double[] {0, 100});
        assertThat(predictor.share(0)).isCloseTo(1.0 / 3, within(1e-12));
        observe(predictor, new double[] {0, 100});
        assertThat(predictor.share(0)).isCloseTo(25.0 / 175, within(1e-12));
    }

    @Test
    void shouldNotTakeChanceForDrift() {
        final Random random = new Random(11);
        final LoadPredictor predictor = new LoadPredictor(4, 8, 0.02);
        for (int window = 0; window < 500; window++) {
            assertThat(observe(predictor, drawn(PROSE, 200, random)).drifted())
                    .as("window " + window)
                    .isFalse();
        }
    }

    @Test
    void shouldForgetThePastWhenTheWorkloadShifts() {
        final Random random = new Random(12);
        final LoadPredictor predictor = new LoadPredictor(4, 8, 0.02);
        for (int window = 0; window < 20; window++) {
            observe(predictor, drawn(PROSE, 2000, random));
        }
        assertThat(observe(predictor, drawn(CODE, 2000, random)).drifted()).isTrue();
        assertThat(predictor.share(3)).as("from the new window alone").isCloseTo(0.6, within(0.05));
        assertThat(observe(predictor, drawn(CODE, 2000, random)).drifted()).isFalse();
    }

    private static LoadPredictor.Verdict observe(final LoadPredictor predictor, final double[] rows) {
        return predictor.observe(rows, rows);
    }

    private static double[] drawn(final double[] percent, final int rows, final Random random) {
        final double[] counts = new double[percent.length];
        for (int row = 0; row < rows; row++) {
            double left = random.nextDouble() * 100;
            int unit = 0;
            while (unit < percent.length - 1 && left >= percent[unit]) {
                left -= percent[unit++];
            }
            counts[unit]++;
        }
        return counts;
    }
}
