package io.cheshire.planner.core.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DrawnDelayTest {
    @Test
    void shouldBeLinearBetweenWhatWasMeasuredAndNeverBeyond() {
        final DrawnDelay delay = new DrawnDelay(new Quantiles(List.of(0.1, 0.5, 0.9), List.of(1e6, 2e6, 10e6)));

        assertThat(delay.atNs(0)).isEqualTo(1e6);
        assertThat(delay.atNs(0.3)).isCloseTo(1.5e6, within(1.0));
        assertThat(delay.atNs(0.7)).isCloseTo(6e6, within(1.0));
        assertThat(delay.atNs(1)).isEqualTo(10e6);
    }

    @Test
    void shouldDrawTheSameTimesFromTheSameSeed() {
        final DrawnDelay delay = new DrawnDelay(new Quantiles(List.of(0.0, 1.0), List.of(0.0, 1e9)));

        assertThat(delay.drawNs(new SplittableRandom(7))).isEqualTo(delay.drawNs(new SplittableRandom(7)));
        assertThat(delay.drawNs(new SplittableRandom(7))).isNotEqualTo(delay.drawNs(new SplittableRandom(8)));
    }
}
