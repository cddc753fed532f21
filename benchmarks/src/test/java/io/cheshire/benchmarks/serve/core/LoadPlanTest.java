package io.cheshire.benchmarks.serve.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadPlanTest {
    private static final String AZURE = """
            TIMESTAMP,ContextTokens,GeneratedTokens
            2023-11-16 18:15:46.6805900,374,44
            2023-11-16 18:15:50.9951690,396,109
            """;
    private static final String MOONCAKE = """
            {"timestamp": 3000, "input_length": 1100, "output_length": 500, "hash_ids": [0, 1, 2]}
            {"timestamp": 6000, "input_length": 1200, "output_length": 3, "hash_ids": [0, 9, 4]}
            """;

    @Test
    void shouldReadAzureTimesAndLengths() throws IOException {
        assertThat(read(AZURE))
                .containsExactly(
                        new TraceRow(0, RequestShape.of(374, 44)),
                        new TraceRow(4_314_579_000L, RequestShape.of(396, 109)));
    }

    @Test
    void shouldReadMooncakeBlocks() throws IOException {
        assertThat(read(MOONCAKE))
                .containsExactly(
                        new TraceRow(0, new RequestShape(1100, 500, 512, List.of(0L, 1L, 2L))),
                        new TraceRow(3_000_000_000L, new RequestShape(1200, 3, 512, List.of(0L, 9L, 4L))));
    }

    @Test
    void shouldNameTheLineThatCannotBeRead() {
        assertThatThrownBy(() -> read("hello\n"))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("hello");
        assertThatThrownBy(() -> read("")).hasMessageContaining("empty");
        assertThatThrownBy(() -> read(AZURE + "2023-11-16 18:15:51,1\n")).hasMessageContaining("line 4");
        assertThatThrownBy(() -> read(AZURE + "2023-11-16 18:15:51,0,1\n")).hasMessageContaining("at least one token");
        assertThatThrownBy(() -> read(AZURE + "2023-11-16 18:15:40,1,1\n")).hasMessageContaining("backwards");
        assertThatThrownBy(() -> read(MOONCAKE + "{\"timestamp\": 7000, \"input_len\n"))
                .hasMessageContaining("line 3");
        assertThatThrownBy(() -> read("{}\n")).hasMessageContaining("timestamp");
    }

    @Test
    void shouldReplayTimesAndLengthsScaledAndCapped() throws IOException {
        final List<TraceRow> rows = read(MOONCAKE);
        final List<RequestShape> shapes =
                rows.stream().map(row -> row.shape().scaled(0.125, 140, 20)).toList();
        final List<PlannedRequest> plan = plan(new Arrivals.Replay(rows, 10), shapes, 2, 0);

        assertThat(plan.get(0).shape()).isEqualTo(new RequestShape(138, 20, 64, List.of(0L, 1L, 2L)));
        assertThat(plan.get(1).shape()).isEqualTo(new RequestShape(140, 1, 64, List.of(0L, 9L, 4L)));
        assertThat(plan.get(1).arrivalNs()).isEqualTo(300_000_000L);

        final PromptTokens prompts = new PromptTokens(5, 32_064);
        assertThat(prompt(prompts, plan.get(1)).subList(0, 64))
                .isEqualTo(prompt(prompts, plan.get(0)).subList(0, 64));
        assertThat(prompt(prompts, plan.get(1)).get(64))
                .isNotEqualTo(prompt(prompts, plan.get(0)).get(64));
    }

    @Test
    void shouldSpaceArrivalsEvenlyOrAtRandomWithTheRateAsked() {
        final List<RequestShape> one = List.of(RequestShape.of(1, 1));
        assertThat(plan(new Arrivals.Constant(4), one, 3, 0))
                .extracting(PlannedRequest::arrivalNs)
                .containsExactly(0L, 250_000_000L, 500_000_000L);

        final List<PlannedRequest> poisson = plan(new Arrivals.Poisson(50), one, 20_000, 0);
        final double[] gaps = new double[poisson.size() - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = (poisson.get(i + 1).arrivalNs() - poisson.get(i).arrivalNs()) / 1e9;
        }
        final double mean = java.util.Arrays.stream(gaps).average().orElseThrow();
        final double variance = java.util.Arrays.stream(gaps)
                .map(gap -> (gap - mean) * (gap - mean))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(1.0 / 50, within(0.0006));
        assertThat(Math.sqrt(variance)).as("exponential: deviation = mean").isCloseTo(mean, within(0.0008));
    }

    @Test
    void shouldEndAtTheRequestsOrTheTimeAsked() {
        final List<RequestShape> one = List.of(RequestShape.of(1, 1));
        final LoadPlan plan =
                new LoadPlan(new Arrivals.Constant(10), one, new LoadPlan.Limits(1000, 1_000_000_000L), 0, 1);
        int count = 0;
        while (plan.hasNext()) {
            plan.next();
            count++;
        }
        assertThat(count).isEqualTo(10);
    }

    @Test
    void shouldLetTheShareAskedHangUpBeforeTheLastToken() {
        final List<PlannedRequest> plan =
                plan(new Arrivals.ClosedLoop(1), List.of(RequestShape.of(1, 10)), 10_000, 0.33);
        assertThat(plan.stream()
                        .filter(request -> request.hangUpAfterTokens() > 0)
                        .count())
                .isBetween(3_150L, 3_450L);
        assertThat(plan).allMatch(request -> request.hangUpAfterTokens() < 10);
        assertThat(plan.stream().map(PlannedRequest::hangUpAfterTokens).distinct())
                .hasSize(10);
    }

    private static List<PlannedRequest> plan(
            final Arrivals arrivals, final List<RequestShape> shapes, final int requests, final double hangUp) {
        final List<PlannedRequest> all = new ArrayList<>();
        new LoadPlan(arrivals, shapes, new LoadPlan.Limits(requests, Long.MAX_VALUE), hangUp, 42)
                .forEachRemaining(all::add);
        return all;
    }

    private static List<Integer> prompt(final PromptTokens prompts, final PlannedRequest request) {
        final List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < request.shape().inputTokens(); i++) {
            ids.add(prompts.tokenAt(request, i));
        }
        return ids;
    }

    private static List<TraceRow> read(final String text) throws IOException {
        return ArrivalTrace.read("trace", new BufferedReader(new StringReader(text)));
    }
}
