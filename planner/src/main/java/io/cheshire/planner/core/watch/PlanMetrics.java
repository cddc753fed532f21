package io.cheshire.planner.core.watch;

import io.cheshire.planner.core.screen.PredictionInterval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** A look as figures for Prometheus. Pure. */
public final class PlanMetrics {
    private static final double MS_PER_SECOND = 1e3;
    private static final String FIGURE = "figure";
    private static final String KIND = "kind";

    private PlanMetrics() {}

    /** One value of a figure. */
    public record Sample(Map<String, String> labels, double value) {
        public Sample {
            labels = Map.copyOf(labels);
        }
    }

    /** All values of a gauge. */
    public record Figure(String name, String help, List<Sample> samples) {
        public Figure {
            samples = List.copyOf(samples);
        }
    }

    /** Everything that there is to show. */
    public static List<Figure> of(final Look look) {
        return List.of(
                new Figure(
                        "cheshire_plan_judged",
                        "Whether enough was seen to hold the plan against it",
                        List.of(new Sample(Map.of(), look.assumptions().isEmpty() ? 0 : 1))),
                assumptions(look, "ratio", "What is so, over what the plan assumes", Assumption::ratio),
                assumptions(look, "holds", "Whether an assumption of the plan holds", each -> each.holds() ? 1 : 0),
                new Figure(
                        "cheshire_plan_predicted_seconds",
                        "Predicted for the load that there is, and its interval",
                        predicted(look)),
                new Figure("cheshire_plan_actual_seconds", "What users see, as far as routers know", actual(look)),
                rate(
                        "knee",
                        "carried with the objectives kept, predicted",
                        look,
                        look.atActual().knee()),
                rate(
                        "saturation",
                        "above which requests fall behind, predicted",
                        look,
                        look.atActual().saturation()),
                new Figure(
                        "cheshire_plan_request_rate",
                        "Requests a second: planned and actual",
                        List.of(
                                new Sample(
                                        Map.of(KIND, "planned"),
                                        look.share() * look.atPlan().perSecond()),
                                new Sample(
                                        Map.of(KIND, "actual"),
                                        look.seen().load().rate()))));
    }

    private static Figure assumptions(
            final Look look, final String what, final String help, final ToDoubleFunction<Assumption> value) {
        return new Figure(
                "cheshire_plan_assumption_" + what,
                help,
                look.assumptions().stream()
                        .map(each -> new Sample(Map.of("assumption", each.name()), value.applyAsDouble(each)))
                        .toList());
    }

    private static Figure rate(
            final String name, final String help, final Look look, final PredictionInterval perSecond) {
        return new Figure(
                "cheshire_plan_" + name + "_rate",
                "Requests a second " + help,
                List.of(new Sample(Map.of(), look.share() * perSecond.mid())));
    }

    private static List<Sample> predicted(final Look look) {
        final List<Sample> samples = new ArrayList<>();
        interval(samples, "itl_mean", look.atActual().bands().itlMeanMs());
        interval(samples, "itl_p99", look.atActual().bands().itlP99Ms());
        interval(samples, "ttft_p95", look.atActual().bands().ttftP95Ms());
        return samples;
    }

    private static void interval(final List<Sample> samples, final String figure, final PredictionInterval ms) {
        bound(samples, figure, "low", ms.low());
        bound(samples, figure, "mid", ms.mid());
        bound(samples, figure, "high", ms.high());
    }

    private static void bound(final List<Sample> samples, final String figure, final String bound, final double ms) {
        samples.add(new Sample(Map.of(FIGURE, figure, "bound", bound), ms / MS_PER_SECOND));
    }

    private static List<Sample> actual(final Look look) {
        final List<Sample> samples = new ArrayList<>();
        actual(samples, "itl_mean", look.seen().times().itlMeanMs());
        actual(samples, "itl_p99", look.seen().times().itlP99Ms());
        actual(samples, "ttft_p95", look.seen().times().ttftP95Ms());
        return samples;
    }

    private static void actual(final List<Sample> samples, final String figure, final OptionalDouble ms) {
        ms.ifPresent(value -> samples.add(new Sample(Map.of(FIGURE, figure), value / MS_PER_SECOND)));
    }
}
