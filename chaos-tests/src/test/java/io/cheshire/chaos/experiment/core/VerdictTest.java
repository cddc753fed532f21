package io.cheshire.chaos.experiment.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.experiment.protocol.Hypothesis;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final Hypothesis ALL = new Hypothesis(
            Hypothesis.Tokens.IDENTICAL, 0.5, Duration.ofSeconds(1), Duration.ofSeconds(30), Hypothesis.Books.BALANCED);

    private static RunFigures found(
            final int altered,
            final int broken,
            final double perSecond,
            final double gapMs,
            final @Nullable Double wholeMs,
            final @Nullable String books) {
        return new RunFigures(40, altered, broken, perSecond, 100, 5, 9, gapMs, 12, wholeMs, books);
    }

    private static final RunFigures GOOD = found(0, 0, 80, 200, 9000.0, "");

    @Test
    void shouldHoldWhenEveryClaimDoes() {
        final Verdict verdict = Verdict.of(ALL, GOOD, "");

        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.HELD);
        assertThat(verdict.status()).isZero();
        assertThat(verdict.claims()).hasSize(5).allMatch(Claim::holds);
    }

    @Test
    void shouldNameClaimFigureAndLimitWhenOneDoesNotHold() {
        assertThat(Verdict.of(ALL, found(0, 0, 80, 1500, 9000.0, ""), ""))
                .returns(1, Verdict::status)
                .returns("longest-gap-at-most does not hold: 1.50 s; asked: at most 1 s", Verdict::why);
        assertThat(Verdict.of(ALL, found(0, 0, 30, 200, 9000.0, ""), "").why())
                .isEqualTo("goodput-at-least does not hold: 30 % (30 of 100 tokens/s); asked: at least 50 %");
        assertThat(Verdict.of(ALL, found(1, 0, 80, 200, 9000.0, ""), "").why())
                .isEqualTo("tokens: identical does not hold: 1 altered and 0 broken of 40 streams;"
                        + " asked: each stream gives what it gives without faults");
        assertThat(Verdict.of(ALL, found(0, 0, 80, 200, null, ""), "").why())
                .startsWith("whole-again-within does not hold: not whole when the experiment ended");
        assertThat(Verdict.of(ALL, found(0, 0, 80, 200, 9000.0, "4 rows are awaited still"), "")
                        .why())
                .startsWith("books does not hold: 4 rows are awaited still");
        assertThat(Verdict.of(ALL, found(0, 0, 80, 200, 9000.0, null), "").why())
                .as("unknown is not held")
                .startsWith("books does not hold: nobody answered for them");
    }

    @Test
    void shouldAllowBrokenStreamsAndNoWrongTokenWhereOnlyBeginningsAreAsked() {
        final Hypothesis prefix = new Hypothesis(Hypothesis.Tokens.PREFIX, null, null, null, null);
        assertThat(Verdict.of(prefix, found(0, 9, 80, 200, null, null), "").outcome())
                .isEqualTo(Verdict.Outcome.HELD);
        assertThat(Verdict.of(prefix, found(1, 0, 80, 200, null, null), "").outcome())
                .isEqualTo(Verdict.Outcome.NOT_HELD);
        assertThat(Verdict.of(ALL, found(0, 1, 80, 200, 9000.0, ""), "").outcome())
                .as("a stream that broke is not identical")
                .isEqualTo(Verdict.Outcome.NOT_HELD);
    }

    @Test
    void shouldHoldNothingWhereNoStreamBeganOrTheRunEndedEarly() {
        final RunFigures nothing = new RunFigures(0, 0, 0, 0, 100, 0, 0, 0, 0, 0.0, "");
        assertThat(Verdict.of(new Hypothesis(Hypothesis.Tokens.IDENTICAL, null, null, null, null), nothing, "")
                        .outcome())
                .isEqualTo(Verdict.Outcome.NOT_HELD);
        assertThat(Verdict.of(ALL, GOOD, "abort.longest-gap-above: 31 s"))
                .returns(Verdict.Outcome.ABORTED, Verdict::outcome)
                .returns(1, Verdict::status)
                .returns("abort.longest-gap-above: 31 s", Verdict::why);
    }
}
