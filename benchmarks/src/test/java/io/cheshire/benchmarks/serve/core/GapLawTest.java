package io.cheshire.benchmarks.serve.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GapLawTest {
    private static final int ARRIVALS = 40_000;

    @ParameterizedTest
    @CsvSource({"GAMMA, 2", "GAMMA, 0.5", "WEIBULL, 2", "WEIBULL, 0.5", "POISSON, 1", "CONSTANT, 0"})
    void shouldHaveTheMeanAndTheScatterThatWereAskedFor(final GapLaw.Kind law, final double cv) {
        final Arrivals arrivals = new Arrivals.Renewal(GapLaw.of(law, 50, cv));
        long previousNs = 0;
        double sum = 0;
        double squares = 0;
        for (int index = 0; index < ARRIVALS; index++) {
            final long atNs = arrivals.arrivalNs(index, previousNs, 11);
            final double gap = (atNs - previousNs) / 1e9;
            sum += gap;
            squares += gap * gap;
            previousNs = atNs;
        }
        final double mean = sum / ARRIVALS;
        assertThat(mean).as("fifty a second").isCloseTo(0.02, within(0.001));
        assertThat(Math.sqrt(Math.max(0, squares / ARRIVALS - mean * mean)) / mean)
                .isCloseTo(cv, within(0.08 * Math.max(cv, 0.1)));
    }

    @Test
    void shouldMixCohortsByTheirSharesInTheOrderOfTime() {
        final List<Cohort> cohorts = List.of(
                Cohort.parse("share=0.75,input=100,output=10"),
                Cohort.parse("share=0.25, input=2000, output=50, arrival=gamma, cv=3"));
        final List<TraceRow> rows = Cohort.arrivals(cohorts, 100, 200, 5);

        assertThat(rows.size()).as("a hundred a second for 200 s").isBetween(18_500, 21_500);
        final long small = rows.stream().filter(row -> row.shape().inputTokens() == 100).count();
        assertThat((double) small / rows.size()).isCloseTo(0.75, within(0.03));
        assertThat(rows).isSortedAccordingTo(java.util.Comparator.comparingLong(TraceRow::arrivalNs));
        assertThat(Cohort.arrivals(cohorts, 100, 200, 5)).as("the same seed").isEqualTo(rows);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "share=2,input=1,output=1 | share must be above 0 and at most 1",
                "input=1,output=1 | share= is missing",
                "share=1,input=1,output=1,colour=red | \"colour=red\" must be one of",
                "share=1,share=1,input=1,output=1 | each once",
                "share=1,input=x,output=1 | For input string",
                "share=1,input=1,output=1,arrival=sometimes | No enum constant"
            })
    void shouldSayWhatIsWrongWithACohort(final String text, final String message) {
        assertThatThrownBy(() -> Cohort.parse(text))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("--cohort " + text)
                .hasMessageContaining(message);
    }
}
