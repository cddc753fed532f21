package io.cheshire.planner.core.watch;

import io.cheshire.planner.core.screen.PredictionInterval;
import java.util.Locale;
import java.util.OptionalDouble;

/** A look in Prometheus' text format. */
public final class PlanMetrics {
    private static final double MS_PER_SECOND = 1e3;

    private final StringBuilder text = new StringBuilder();

    private PlanMetrics() {}

    public static String of(final Look look) {
        final PlanMetrics metrics = new PlanMetrics();
        metrics.help("cheshire_plan_assumption_ratio", "What is so, over what the plan assumes");
        look.assumptions()
                .forEach(each -> metrics.line(
                        "cheshire_plan_assumption_ratio", "assumption=\"" + each.name() + "\"", each.ratio()));
        metrics.help("cheshire_plan_assumption_holds", "Whether an assumption of the plan holds");
        look.assumptions()
                .forEach(each -> metrics.line(
                        "cheshire_plan_assumption_holds", "assumption=\"" + each.name() + "\"", each.holds() ? 1 : 0));
        metrics.help("cheshire_plan_predicted_seconds", "Predicted for the load that there is, and its interval");
        metrics.interval("itl_mean", look.atActual().bands().itlMeanMs());
        metrics.interval("ttft_p95", look.atActual().bands().ttftP95Ms());
        metrics.help("cheshire_plan_actual_seconds", "What users see, as far as the router knows");
        metrics.actual("itl_mean", look.seen().itlMeanMs());
        metrics.actual("ttft_p95", look.seen().ttftP95Ms());
        metrics.help(
                "cheshire_plan_knee_rate", "Requests a second that are carried with the objectives kept, predicted");
        metrics.line("cheshire_plan_knee_rate", "", look.atActual().knee().mid());
        metrics.help("cheshire_plan_request_rate", "Requests a second: planned and actual");
        metrics.line(
                "cheshire_plan_request_rate", "kind=\"planned\"", look.atPlan().perSecond());
        metrics.line(
                "cheshire_plan_request_rate", "kind=\"actual\"", look.seen().rate());
        return metrics.text.toString();
    }

    private void help(final String name, final String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(" gauge\n");
    }

    private void line(final String name, final String labels, final double value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ')
                .append(Double.isInfinite(value) ? "+Inf" : String.format(Locale.ROOT, "%.9g", value))
                .append('\n');
    }

    private void interval(final String figure, final PredictionInterval ms) {
        bound(figure, "low", ms.low());
        bound(figure, "mid", ms.mid());
        bound(figure, "high", ms.high());
    }

    private void bound(final String figure, final String bound, final double ms) {
        line(
                "cheshire_plan_predicted_seconds",
                "figure=\"" + figure + "\",bound=\"" + bound + "\"",
                ms / MS_PER_SECOND);
    }

    private void actual(final String figure, final OptionalDouble ms) {
        ms.ifPresent(value -> line("cheshire_plan_actual_seconds", "figure=\"" + figure + "\"", value / MS_PER_SECOND));
    }
}
