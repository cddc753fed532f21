package io.cheshire.planner.core.times;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Origin;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.planner.testing.PlannerSamples;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StallsTest {
    private static final long MS = 1_000_000;

    /** A stall of 2 to 20 ms every 50 to 150 ms. */
    private static Calibration measured() {
        final Calibration assumed = PlannerSamples.calibration(2);
        final Origin origin = assumed.origin();
        final Map<Spread, Quantiles> spreads = new EnumMap<>(assumed.spreads());
        spreads.put(Spread.PAUSE, new Quantiles(List.of(0.0, 1.0), List.of(2e6, 20e6)));
        spreads.put(Spread.BETWEEN_PAUSES, new Quantiles(List.of(0.0, 1.0), List.of(50e6, 150e6)));
        return new Calibration(
                Calibration.FORMAT,
                new Origin(
                        false,
                        origin.commit(),
                        origin.machine(),
                        origin.threads(),
                        origin.jdk(),
                        origin.date(),
                        origin.modelFingerprint(),
                        origin.shape(),
                        origin.precision()),
                assumed.fits(),
                spreads,
                1_000,
                List.of());
    }

    @Test
    void shouldMeetLongerStallsTheLongerTheTime() {
        final Stalls stalls = Stalls.of(measured());
        final SplittableRandom random = new SplittableRandom(5);

        assertThat(stalls.longestNs(10 * MS, random)).isZero();
        assertThat(stalls.longestNs(200 * MS, random)).isBetween(2 * MS, 20 * MS);
        assertThat(stalls.longestNs(60_000 * MS, random)).isBetween(19 * MS, 20 * MS);
    }

    @Test
    void shouldHaveNoneWhereNobodyMeasuredThem() {
        assertThat(Stalls.of(PlannerSamples.calibration(2)).longestNs(60_000 * MS, new SplittableRandom(5)))
                .isZero();
    }
}
