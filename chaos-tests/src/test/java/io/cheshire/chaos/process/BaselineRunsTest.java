package io.cheshire.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 10, unit = TimeUnit.SECONDS)
class BaselineRunsTest {
    private static final long MS = 1_000_000;

    @Test
    void shouldSpreadRunsWithoutHarmEvenlyAmongThoseWithHarm() {
        final KillExperiment.Runs runs = new KillExperiment.Runs(1, 0, 5, 20);

        assertThat(IntStream.range(0, 20).map(runs::withoutHarmBefore))
                .containsExactly(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5);
    }

    @Test
    void shouldRunOnceWithoutHarmBeforeTheFirstHarmWhenThereAreFewerRunsWithoutIt() {
        final KillExperiment.Runs runs = new KillExperiment.Runs(1, 0, 1, 3);

        assertThat(IntStream.range(0, 3).map(runs::withoutHarmBefore)).containsExactly(1, 1, 1);
    }

    @Test
    void shouldRefuseRunsOfWhichThereCanBeNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KillExperiment.Runs(0, -1, 1, 1))
                .withMessageContaining("--settle -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KillExperiment.Runs(0, 0, 0, 1))
                .withMessageContaining("--baseline is 0");
    }

    @Test
    void shouldTellTheLongestGapOfARunAndOfAllRuns() {
        final BaselineRuns runs = new BaselineRuns();
        runs.add(List.of(trace(null, 0, 10, 90)), longest(10, 90, new CpuWatch.Look(0.25, 3)));
        runs.add(List.of(trace(null, 0, 20, 30)), longest(0, 20, new CpuWatch.Look(0.75, 7)));

        assertThat(runs.baseline()).isEqualTo(new KillReport.Baseline(2, 10, 80, 20, 80, 0.25, 3));
    }

    @Test
    void shouldRefuseARunThatGivesOtherTokensThoughNobodyWasHurt() {
        final BaselineRuns runs = new BaselineRuns();
        final LongestGap longest = longest(0, 10, new CpuWatch.Look(0, 0));
        runs.add(List.of(trace(null, 0, 10, 20)), longest);

        assertThatIllegalStateException()
                .isThrownBy(() -> runs.add(List.of(trace(null, 0, 10)), longest))
                .withMessage("stream 0 differs between two runs without harm");
        assertThatIllegalStateException()
                .isThrownBy(() -> runs.add(List.of(trace("connection reset", 0)), longest))
                .withMessage("stream 0 failed though nobody was hurt: connection reset");
    }

    private static LongestGap longest(final long fromMs, final long toMs, final CpuWatch.Look look) {
        return new LongestGap(new Gaps.Gap(fromMs * MS, toMs * MS), look);
    }

    /** A stream whose tokens are numbered from 0. */
    private static StreamTrace trace(@Nullable final String error, final long... arrivalsMs) {
        return new StreamTrace(
                IntStream.range(0, arrivalsMs.length).boxed().toList(),
                IntStream.range(0, arrivalsMs.length)
                        .mapToObj(i -> arrivalsMs[i] * MS)
                        .toList(),
                error);
    }
}
