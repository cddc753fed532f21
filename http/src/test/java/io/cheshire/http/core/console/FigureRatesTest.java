package io.cheshire.http.core.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FigureRatesTest {
    private final FigureRates rates = new FigureRates();

    @Test
    void shouldGiveARateFromTheSecondSampleOn() {
        assertThat(rates.sample(1_000, Map.of("g", 3.0), Map.of("c", 10.0))).containsExactly(entry("g", 3.0));
        assertThat(rates.sample(3_000, Map.of("g", 4.0), Map.of("c", 30.0)))
                .containsOnly(entry("g", 4.0), entry("c.rate", 10.0));
    }

    @Test
    void shouldSayNothingWhereACounterBeganAnew() {
        rates.sample(1_000, Map.of(), Map.of("c", 10.0));
        assertThat(rates.sample(2_000, Map.of(), Map.of("c", 1.0))).isEmpty();
        assertThat(rates.sample(3_000, Map.of(), Map.of("c", 5.0))).containsExactly(entry("c.rate", 4.0));
    }

    @Test
    void shouldJoinNarrowStepsWithoutLosingACount() {
        final Map<String, Double> counters = new TreeMap<>();
        LatencySteps.addTo(
                counters,
                "ttft",
                new double[] {0.001, 0.0011, 0.0015, 0.002, 0.0021, 0.004},
                new double[] {1, 3, 6, 10, 15, 21},
                28);

        assertThat(counters)
                .containsOnly(
                        entry("ttft.le.0.0010", 1.0),
                        entry("ttft.le.0.0020", 9.0),
                        entry("ttft.le.0.0040", 11.0),
                        entry("ttft.le.inf", 7.0));
    }
}
