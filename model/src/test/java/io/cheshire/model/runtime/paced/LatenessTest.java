package io.cheshire.model.runtime.paced;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.model.core.paced.PacedTimes;
import io.cheshire.model.testing.SampleCalibration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatenessTest {
    private static final PacedTimes TIMES = new PacedTimes(SampleCalibration.sample());
    private final Lateness lateness = new Lateness(TIMES);

    @Test
    void shouldKnowQuantilesToAFifthAgainstSorting() {
        final Random random = new Random(7);
        final long[] late = random.longs(10_000, 0, 1_000_000)
                .map(ns -> ns * ns / 1_000_000)
                .toArray();
        Arrays.stream(late).forEach(lateness::record);
        Arrays.sort(late);

        for (final double share : new double[] {0.1, 0.5, 0.9, 0.99}) {
            final long exact = late[(int) Math.ceil(share * late.length) - 1];
            assertThat((double) lateness.quantileNs(share))
                    .as("quantile %s", share)
                    .isBetween(exact * 1.0, exact * 1.25 + 1);
        }
        assertThat(lateness.quantileNs(1)).isEqualTo(late[late.length - 1]);
        assertThat(lateness.sumNs()).isEqualTo(Arrays.stream(late).sum());
    }

    @Test
    void shouldCallARunInvalidWhenLatenessDistortsAStep() {
        final long limitNs = Math.round(Lateness.LIMIT * TIMES.shortestStepNs());
        for (int call = 0; call < 2_000; call++) {
            lateness.record(10);
        }
        assertThat(lateness.valid()).isTrue();
        assertThat(lateness.summary()).contains("2000 paced calls").endsWith("valid");

        for (int call = 0; call < 40; call++) {
            lateness.record(2 * limitNs);
        }
        assertThat(lateness.valid())
                .as("one call in fifty is late by a tenth of a step")
                .isFalse();
        assertThat(lateness.summary()).contains("INVALID");
    }

    @Test
    void shouldCallARunInvalidWhenEveryCallIsALittleLate() {
        final long each = Math.round(Lateness.LIMIT * TIMES.shortestStepNs() / 30);
        for (int call = 0; call < 2_000; call++) {
            lateness.record(each);
        }
        assertThat(lateness.valid())
                .as("65 such calls follow each other in a step")
                .isFalse();
    }
}
