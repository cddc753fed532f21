package io.cheshire.planner.runtime.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.benchmarks.serve.core.Outcome;
import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.RequestResult;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.core.TokenTimes;
import io.cheshire.planner.protocol.run.RequestStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparedFiguresTest {
    private static final long MS = 1_000_000;

    @TempDir
    private Path directory = Path.of("");

    private static RequestResult result(final long arrivalMs, final Outcome outcome, final long... tokensMs) {
        final TokenTimes tokens = new TokenTimes();
        for (final long at : tokensMs) {
            tokens.add(at * MS);
        }
        final long end = tokensMs.length == 0 ? arrivalMs : tokensMs[tokensMs.length - 1];
        return new RequestResult(
                new PlannedRequest(0, arrivalMs * MS, RequestShape.of(4, tokensMs.length + 1), 0),
                outcome,
                "kind",
                null,
                arrivalMs * MS,
                end * MS,
                tokens,
                4,
                tokensMs.length);
    }

    private static RequestStream asked(final RequestResult... results) {
        return new RequestStream(
                Stream.of(results)
                        .mapToLong(result -> result.request().arrivalNs())
                        .toArray(),
                Stream.of(results).mapToInt(result -> 4).toArray(),
                Stream.of(results)
                        .mapToInt(result -> Math.max(1, result.tokens().count()))
                        .toArray());
    }

    private static ComparedFigures figures(final RequestResult... results) {
        return ComparedFigures.of(asked(results), MeasuredOutcome.of(List.of(results)));
    }

    @Test
    void shouldCountFromTheArrivalOfEachRequest() {
        final ComparedFigures figures =
                figures(result(100, Outcome.OK, 130, 150, 170), result(500, Outcome.OK, 550, 590));

        assertThat(figures.figure("mean TTFT, ms")).isCloseTo(40, within(0.05));
        assertThat(figures.figure("mean ITL, ms")).isCloseTo((20 + 20 + 40) / 3.0, within(0.05));
        assertThat(figures.figure("mean E2E, ms")).isCloseTo((70 + 90) / 2.0, within(0.1));
        assertThat(figures.tokensPerSecond()).isCloseTo(5 / 0.59, within(1e-9));
        assertThat(figures.atSpeed(2).figure("mean ITL, ms"))
                .isCloseTo(2 * figures.figure("mean ITL, ms"), within(1e-9));
        assertThat(figures.atSpeed(2).tokensPerSecond()).isEqualTo(figures.tokensPerSecond());
    }

    @Test
    void shouldKeepTheTimeOfATokenApartFromWhichTokensAreReadTogether() {
        final ComparedFigures oneByOne = figures(result(0, Outcome.OK, 10, 12, 14, 16));
        final ComparedFigures together = figures(result(0, Outcome.OK, 10, 14, 14, 16));

        assertThat(together.figure("mean TPOT, ms")).isEqualTo(oneByOne.figure("mean TPOT, ms"));
        assertThat(together.figure("p99 ITL, ms")).isNotEqualTo(oneByOne.figure("p99 ITL, ms"));
    }

    @Test
    void shouldRefuseARunInWhichARequestWasNotAnswered() {
        assertThatThrownBy(() -> figures(result(0, Outcome.OK)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("doesn't count");
    }

    @Test
    void shouldHashWhatIsPredictedSoThatItCannotChangeAfterwards() throws IOException {
        final Path file = directory.resolve("runs/prediction.json");
        final LiveScenario scenario =
                new LiveScenario(new Deployment(1, false, 2), new LiveWorkload.Even(16, 16), 2, 40, 1);
        final ComparedFigures figures = figures(result(100, Outcome.OK, 130, 150, 170));

        final String hash = PredictionFile.write(file, scenario, "a scenario", "c", figures);

        assertThat(hash).hasSize(12).isEqualTo(PredictionFile.write(file, scenario, "a scenario", "c", figures));
        final PredictionFile.Prediction read = PredictionFile.read(file);
        assertThat(read.hash()).isEqualTo(hash);
        assertThat(read.figures()).isEqualTo(figures);
        assertThat(read.rate()).isEqualTo(2);
        assertThat(PredictionFile.write(file, scenario, "a scenario", "c", figures.atSpeed(1.01)))
                .isNotEqualTo(hash);
        assertThat(Files.readString(file)).contains("mean ITL, ms");
    }
}
