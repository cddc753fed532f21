package io.cheshire.planner.core.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.runtime.plan.PlanReader;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PlanWatchTest {
    private static final double RATE = 20;
    private static final int PROMPT = 512;
    private static final int OUTPUT = 64;

    private final CapacityPlan plan = PlanReader.read(
            null, Map.of("workload.rate", "20", "workload.prompt", 512.0, "workload.output", 64.0), 1);
    private final PlanWatch watch = new PlanWatch(plan, Duration.ofSeconds(30), 1);

    private double requests;
    private double prompt;
    private double output;
    private long atNs;

    /** A few seconds of so many requests a second, as a router tells of them; two tokens in a hundred milliseconds. */
    private Look after(final double seconds, final double rate, final double promptTokens) {
        atNs += Math.round(seconds * 1e9);
        requests += seconds * rate;
        prompt += seconds * rate * promptTokens;
        output += seconds * rate * OUTPUT;
        return watch.look(Scraped.parse(
                atNs,
                String.format(
                        Locale.ROOT,
                        """
                        # HELP other not ours
                        other_total 5
                        cheshire_http_ttft_seconds_bucket{le="0.1"} %1$f
                        cheshire_http_ttft_seconds_bucket{le="+Inf"} %1$f
                        cheshire_http_ttft_seconds_count %1$f
                        cheshire_engine_prompt_tokens_total %2$f
                        cheshire_engine_generated_tokens_total %3$f
                        cheshire_http_inter_token_seconds_sum %4$f
                        cheshire_http_inter_token_seconds_count %3$f
                        cheshire_exchange_count_total{what="attempts"} %3$f
                        cheshire_exchange_count_total{what="hedges"} 0
                        cheshire_node_rows_total{node="0"} %3$f
                        cheshire_node_rows_total{node="1"} %1$f
                        """,
                        requests,
                        prompt,
                        output,
                        output * 0.002)));
    }

    @Test
    void shouldHoldWhileTheLoadIsThatOfThePlan() {
        after(5, RATE, PROMPT);
        final Look look = after(10, RATE, PROMPT);

        assertThat(look.broken()).isEmpty();
        assertThat(look.seen().rate()).isCloseTo(RATE, within(0.01));
        assertThat(look.seen().itlMeanMs().orElse(0)).isCloseTo(2, within(0.01));
        assertThat(look.seen().ttftP95Ms().orElse(0)).isCloseTo(95, within(0.1));
        assertThat(WatchText.of(look)).contains("the plan holds");
    }

    @Test
    void shouldNameTheRateThatDoubledWithinAMinute() {
        after(5, RATE, PROMPT);
        after(60, RATE, PROMPT);
        double waited = 0;
        Look look;
        do {
            look = after(5, 2 * RATE, PROMPT);
            waited += 5;
        } while (look.broken().isEmpty() && waited < 60);

        assertThat(look.broken()).extracting(Assumption::name).containsExactly("request rate");
        assertThat(WatchText.of(look)).contains("THE PLAN NO LONGER HOLDS: request rate");
        assertThat(look.atActual().perSecond()).as("predicted anew").isGreaterThan(1.2 * RATE);
    }

    @Test
    void shouldNameThePromptsThatGrew() {
        after(5, RATE, PROMPT);
        final Look look = after(30, RATE, 2.1 * PROMPT);
        assertThat(look.broken().getFirst().words()).startsWith("prompt tokens 2.10x the plan's (1,075 instead of 512)");
    }

    @Test
    void shouldSayNothingOfTooFewRequestsAndOfAProcessThatBeganAnew() {
        after(5, RATE, PROMPT);
        assertThat(after(0.5, RATE, PROMPT).assumptions()).isEmpty();
        requests = 0;
        prompt = 0;
        output = 0;
        assertThat(after(20, RATE, PROMPT).seen().rate())
                .as("counters from zero: no negative rate")
                .isCloseTo(20 * RATE / 20.5, within(0.01));
    }

    @Test
    void shouldShowTheSameToPrometheus() {
        after(5, RATE, PROMPT);
        final Scraped shown = Scraped.parse(1, PlanMetrics.of(after(30, 2 * RATE, PROMPT)));
        assertThat(shown.sum("cheshire_plan_assumption_holds", "assumption", "request rate"))
                .isZero();
        assertThat(shown.sum("cheshire_plan_assumption_ratio", "assumption", "request rate"))
                .isCloseTo(2, within(0.01));
        assertThat(shown.sum("cheshire_plan_request_rate", "kind", "planned")).isEqualTo(RATE);
        assertThat(shown.sum("cheshire_plan_knee_rate")).isPositive();
        assertThat(shown.by("cheshire_plan_predicted_seconds", "figure")).containsKeys("itl_mean", "ttft_p95");
    }
}
