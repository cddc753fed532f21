package io.cheshire.planner.core.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.runtime.plan.PlanReader;
import io.cheshire.planner.runtime.watch.PlanFigures;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanWatchTest {
    private static final double RATE = 20;
    private static final int PROMPT = 512;
    private static final int OUTPUT = 64;
    private static final int NODES = 16;

    private final CapacityPlan plan =
            PlanReader.read(null, Map.of("workload.rate", "20", "workload.prompt", 512.0, "workload.output", 64.0), 1);
    private static final Duration WINDOW = Duration.ofSeconds(30);

    private PlanWatch watch = new PlanWatch(plan, WINDOW, 1);

    private double requests;
    private double prompt;
    private double output;
    private long atNs;
    private int first = 1;
    private double hot = 1;

    /** A few seconds of so many requests a second, as a router tells of them; two tokens in a hundred milliseconds. */
    private Look after(final double seconds, final double rate, final double promptTokens) {
        atNs += Math.round(seconds * 1e9);
        requests += seconds * rate;
        prompt += seconds * rate * promptTokens;
        output += seconds * rate * OUTPUT;
        return watch.look(Scraped.parse(
                atNs, String.format(Locale.ROOT, """
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
                        """, requests, prompt, output, output * 0.002) + nodes()));
    }

    /** Two routers tell of sixteen nodes, one of them a little late. */
    private String nodes() {
        return IntStream.range(0, NODES)
                .mapToObj(node -> String.format(
                        Locale.ROOT, """
                        cheshire_coordinator_node_ready{node="%1$d"} %2$d
                        cheshire_coordinator_node_rows_total{node="%1$d"} %3$f
                        cheshire_coordinator_node_rows_total{node="%1$d"} %4$f
                        """, node, node == 0 ? first : 1, (node == 0 ? hot : 1) * prompt, 0.9 * prompt))
                .collect(Collectors.joining());
    }

    @Test
    void shouldHoldWhileTheLoadIsThatOfThePlan() {
        after(5, RATE, PROMPT);
        assertThat(after(10, RATE, PROMPT).verdict()).isEqualTo(Look.Verdict.TOO_SOON);
        final Look look = after(20, RATE, PROMPT);

        assertThat(look.verdict()).as(WatchText.of(look)).isEqualTo(Look.Verdict.HOLDS);
        assertThat(look.broken()).isEmpty();
        assertThat(look.seen().load().rate()).isCloseTo(RATE, within(0.01));
        assertThat(look.seen().times().itlMeanMs().orElse(0)).isCloseTo(2, within(0.01));
        assertThat(look.seen().times().ttftP95Ms().orElse(0)).isCloseTo(95, within(0.1));
        assertThat(WatchText.of(look)).contains("the plan holds");
    }

    @Test
    void shouldJudgeNothingByTheFirstSecondsOfAServer() {
        after(5, RATE, PROMPT);
        final Look look = after(2.04, 0.49, PROMPT);

        assertThat(look.broken()).as("two seconds of thirty").isEmpty();
        assertThat(WatchText.of(look)).contains("2 s seen, too soon to judge");
    }

    @Test
    void shouldHoldOneRouterAgainstItsPartOfThePlan() {
        watch = PlanWatch.ofOneRouter(plan, WINDOW, 1);
        after(5, RATE / 2, PROMPT);
        final Look look = after(30, RATE / 2, PROMPT);

        assertThat(look.verdict()).as(WatchText.of(look)).isEqualTo(Look.Verdict.HOLDS);
        assertThat(look.atActual().perSecond()).as("of both routers").isCloseTo(RATE, within(0.01));
    }

    @Test
    void shouldNameTheNodeThatIsGoneAndTheOneThatGetsMore() {
        after(5, RATE, PROMPT);
        first = 0;
        hot = 4;
        final Look look = after(30, RATE, PROMPT);
        assertThat(look.broken())
                .extracting(Assumption::words)
                .contains("expert nodes 0.94x the plan's (15.0 instead of 16.0)")
                .anyMatch(words -> words.startsWith("expert skew "));
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
        assertThat(look.broken().getFirst().words())
                .startsWith("prompt tokens 2.10x the plan's (1,075 instead of 512)");
    }

    @Test
    void shouldSayNothingOfTooFewRequestsAndOfAProcessThatBeganAnew() {
        after(5, RATE, PROMPT);
        assertThat(after(0.5, RATE, PROMPT).assumptions()).isEmpty();
        requests = 0;
        prompt = 0;
        output = 0;
        assertThat(after(4, RATE, PROMPT).seen().load().rate())
                .as("counters from zero: no negative rate")
                .isCloseTo(4 * RATE / 4.5, within(0.01));
    }

    @Test
    void shouldShowTheSameToPrometheusAndAsJson() {
        after(5, RATE, PROMPT);
        final Look look = after(30, 2 * RATE, PROMPT);
        final PlanFigures figures = new PlanFigures();
        figures.show(look);
        final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.getPrometheusRegistry().register(figures);
        final Scraped shown = Scraped.parse(1, registry.scrape());
        assertThat(shown.sum("cheshire_plan_assumption_holds", "assumption", "request rate"))
                .isZero();
        assertThat(shown.sum("cheshire_plan_assumption_holds", "assumption", "prompt tokens"))
                .isEqualTo(1);
        assertThat(shown.sum("cheshire_plan_assumption_ratio", "assumption", "request rate"))
                .isCloseTo(2, within(0.01));
        assertThat(shown.sum("cheshire_plan_request_rate", "kind", "planned")).isEqualTo(RATE);
        assertThat(shown.sum("cheshire_plan_knee_rate")).isPositive();
        assertThat(shown.by("cheshire_plan_predicted_seconds", "figure")).containsKeys("itl_mean", "ttft_p95");

        assertThat(LookJson.of(look).at("/assumptions/0").toString())
                .contains("\"name\":\"request rate\"", "\"holds\":false", "\"planned\":20.0");
        figures.showNothing();
        assertThat(registry.scrape()).as("old figures look as if all were well").doesNotContain("cheshire_plan");
    }
}
