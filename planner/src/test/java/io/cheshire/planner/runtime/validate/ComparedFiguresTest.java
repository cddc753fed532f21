package io.cheshire.planner.runtime.validate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.benchmarks.serve.core.Outcome;
import io.cheshire.benchmarks.serve.core.PlannedRequest;
import io.cheshire.benchmarks.serve.core.RequestResult;
import io.cheshire.benchmarks.serve.core.RequestShape;
import io.cheshire.benchmarks.serve.core.TokenTimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @Test
    void shouldCountFromTheArrivalOfEachRequest() {
        final ComparedFigures figures =
                ComparedFigures.of(List.of(result(100, Outcome.OK, 130, 150, 170), result(500, Outcome.OK, 550, 590)));

        assertThat(figures.ttftMeanMs()).isCloseTo(40, within(1e-9));
        assertThat(figures.itlMeanMs()).isCloseTo((20 + 20 + 40) / 3.0, within(0.05));
        assertThat(figures.e2eMeanMs()).isCloseTo((70 + 90) / 2.0, within(1e-9));
        assertThat(figures.tokensPerSecond()).isCloseTo(5 / 0.59, within(1e-9));
        assertThat(figures.atSpeed(2).itlMeanMs()).isCloseTo(2 * figures.itlMeanMs(), within(1e-9));
        assertThat(figures.atSpeed(2).tokensPerSecond()).isCloseTo(figures.tokensPerSecond() / 2, within(1e-9));
    }

    @Test
    void shouldRefuseARunInWhichARequestWasNotAnswered() {
        assertThatThrownBy(() -> ComparedFigures.of(List.of(result(0, Outcome.OK))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("doesn't count");
    }

    @Test
    void shouldHashWhatIsPredictedSoThatItCannotChangeAfterwards() throws IOException {
        final Path file = directory.resolve("runs/prediction.json");
        final ComparedFigures figures = new ComparedFigures(1, 2, 3, 4, 5);

        final String hash = PredictionFile.write(file, "a scenario", figures);

        assertThat(hash).hasSize(12).isEqualTo(PredictionFile.write(file, "a scenario", figures));
        assertThat(PredictionFile.write(file, "a scenario", new ComparedFigures(1, 2, 3, 4, 6)))
                .isNotEqualTo(hash);
        assertThat(Files.readString(file)).contains("mean ITL, ms");
    }
}
