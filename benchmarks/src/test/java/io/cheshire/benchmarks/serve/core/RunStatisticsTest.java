package io.cheshire.benchmarks.serve.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.benchmarks.serve.core.RequestResult.Kinds;
import org.junit.jupiter.api.Test;

class RunStatisticsTest {
    private static final long MS = 1_000_000L;

    @Test
    void shouldCountGoodputByBothPromises() {
        final RunStatistics statistics = new RunStatistics(false, new Slo(100, 10));
        statistics.add(answer(0, 0, 100, 10, 11)); // 100 ms, 10 ms a token: just within
        statistics.add(answer(1, 0, 101, 10, 11)); // first token late
        statistics.add(answer(2, 0, 50, 11, 11)); // tokens slow
        statistics.add(end(3, Outcome.FAIL, "http_429"));
        statistics.add(end(4, Outcome.INFO, Kinds.HANG_UP));
        statistics.add(answer(5, 900, 50, 5, 11)); // ends at 1000 ms

        final BenchReport report = statistics.report(1);
        assertThat(report.wallSeconds()).isCloseTo(1.0, within(1e-9));
        assertThat(report.judged()).isEqualTo(5);
        assertThat(report.withinSlo()).isEqualTo(2);
        assertThat(report.goodShare()).isCloseTo(0.4, within(1e-9));
        assertThat(report.goodTokensPerSecond()).isCloseTo(22, within(1e-6));
        assertThat(report.outputTokensPerSecond()).isCloseTo(44, within(1e-6));
        assertThat(report.answeredPerSecond()).isCloseTo(4, within(1e-6));
    }

    @Test
    void shouldJudgeAnOpenLoopFromThePlannedArrival() {
        final RunStatistics statistics = new RunStatistics(true, new Slo(100, 1000));
        // Planned at 0, sent 500 ms late, first token 10 ms after that.
        statistics.add(answer(0, 500, 10, 1, 2));

        final BenchReport report = statistics.report(1);
        assertThat(report.withinSlo()).isZero();
        assertThat(figure(report, "ttft")).isCloseTo(10, within(0.1));
        assertThat(figure(report, "ttft_corrected")).isCloseTo(510, within(1.0));
        assertThat(figure(report, "e2e_corrected")).isCloseTo(511, within(1.0));
    }

    @Test
    void shouldFillInWhatAStalledClientDidNotSend() {
        final RunStatistics statistics = new RunStatistics(false, Slo.none());
        for (int i = 0; i < 99; i++) {
            statistics.add(answer(i, i * 10L, 9, 1, 2)); // 10 ms each
        }
        statistics.add(answer(99, 990, 999, 1, 2)); // a stall of a second

        final LatencySummary raw = latency(statistics.report(1), "e2e");
        final LatencySummary corrected = latency(statistics.report(1), "e2e_corrected");
        assertThat(raw.p95Ms()).isCloseTo(10, within(0.1));
        assertThat(corrected.count())
                .as("99 requests were not sent during the stall")
                .isBetween(197L, 200L);
        assertThat(corrected.p95Ms()).as("half of the time was the stall").isGreaterThan(850);
    }

    @Test
    void shouldNoteAnswersShorterThanAsked() {
        final RunStatistics statistics = new RunStatistics(false, Slo.none());
        statistics.add(answer(0, 0, 1, 1, 5));
        final RequestResult full = answer(1, 0, 1, 1, 5);
        statistics.add(new RequestResult(
                new PlannedRequest(1, 0, RequestShape.of(4, 6), 0),
                full.outcome(),
                full.kind(),
                null,
                full.sentNs(),
                full.endNs(),
                full.tokens(),
                -1,
                5));
        assertThat(statistics.report(1).shortAnswers()).isEqualTo(1);
    }

    @Test
    void shouldNotCallARunServedThatGaveNoToken() {
        final RunStatistics statistics = new RunStatistics(false, Slo.none());
        statistics.add(end(0, Outcome.FAIL, "http_500"));
        statistics.add(end(1, Outcome.INFO, Kinds.TIMEOUT));
        assertThat(statistics.report(1).servedAnything()).isFalse();
        statistics.add(answer(2, 0, 1, 1, 1));
        assertThat(statistics.report(1).servedAnything()).isTrue();
    }

    private static RequestResult answer(
            final int index, final long sentMs, final long firstMs, final long gapMs, final int tokens) {
        final TokenTimes times = new TokenTimes();
        long nowMs = sentMs + firstMs;
        for (int i = 0; i < tokens; i++) {
            times.add(nowMs * MS);
            nowMs += gapMs;
        }
        return new RequestResult(
                new PlannedRequest(index, 0, RequestShape.of(4, tokens), 0),
                Outcome.OK,
                Kinds.OK,
                null,
                sentMs * MS,
                (nowMs - gapMs) * MS,
                times,
                -1,
                tokens);
    }

    private static RequestResult end(final int index, final Outcome outcome, final String kind) {
        return new RequestResult(
                new PlannedRequest(index, 0, RequestShape.of(4, 4), 0),
                outcome,
                kind,
                "reason",
                0,
                MS,
                new TokenTimes(),
                -1,
                0);
    }

    private static double figure(final BenchReport report, final String name) {
        return latency(report, name).p50Ms();
    }

    private static LatencySummary latency(final BenchReport report, final String name) {
        return report.latencies().get(name);
    }
}
