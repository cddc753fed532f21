package io.cheshire.planner.core.watch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.planner.core.screen.PredictionInterval;
import io.cheshire.planner.core.screen.ScreenResult;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** A plan beside what was measured, over time, as JSON. What isn't known is null; times are ms. Pure. */
public final class ActualJson {
    private final ObjectNode series;
    private final Collection<Moment> moments;

    private ActualJson(final ObjectNode series, final Collection<Moment> moments) {
        this.series = series;
        this.moments = moments;
    }

    /**
     * A look and when it was.
     *
     * @param timeMs since 1970
     */
    public record Moment(long timeMs, Look look) {}

    /**
     * Adds all there is to say.
     *
     * @param moments oldest first, at least one
     */
    public static void addTo(final ObjectNode root, final PlanWatch watch, final Collection<Moment> moments) {
        final ArrayNode times = root.putArray("timesMs");
        Look last = null;
        for (final Moment moment : moments) {
            times.add(moment.timeMs());
            last = moment.look();
        }
        final ActualJson json = new ActualJson(root.putObject("series"), moments);
        json.load();
        json.nodes(watch.plannedSkew());
        if (last != null) {
            root.set("now", LookJson.of(last));
            root.put("fleet", last.atPlan().fleet().words());
            nodes(root.putArray("nodes"), last);
        }
    }

    private void load() {
        one("rate", "planned", look -> look.share() * look.atPlan().perSecond());
        one("rate", "actual", look -> look.seen().load().rate());
        one("rate", "knee", look -> look.share() * look.atActual().knee().mid());
        band("ttft_p95", bands -> bands.ttftP95Ms());
        one("ttft_p95", "actual", look -> known(look.seen().times().ttftP95Ms()));
        band("itl_mean", bands -> bands.itlMeanMs());
        one("itl_mean", "actual", look -> known(look.seen().times().itlMeanMs()));
        one("kv", "planned", look -> look.atPlan().use().kvShare());
        one("kv", "actual", look -> known(look.seen().load().kvShare()));
    }

    private void nodes(final double plannedSkew) {
        one("busy", "planned", look -> look.atPlan().use().nodeBusy());
        one(
                "busy",
                "actual",
                look -> look.seen().nodes().busy().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .max()
                        .orElse(Double.NaN));
        // As the console has it: the mean over the most, 1 where all have as much.
        one("balancedness", "planned", look -> 1 / plannedSkew);
        one("balancedness", "actual", look -> 1 / known(look.seen().nodes().skew()));
    }

    private static double known(final OptionalDouble value) {
        return value.orElse(Double.NaN);
    }

    private void one(final String figure, final String what, final ToDoubleFunction<Look> value) {
        final ArrayNode values = series.withObject("/" + figure).putArray(what);
        moments.forEach(moment -> {
            final double now = value.applyAsDouble(moment.look());
            if (Double.isFinite(now)) {
                values.add(now);
            } else {
                values.addNull();
            }
        });
    }

    @FunctionalInterface
    private interface Interval {
        PredictionInterval of(ScreenResult.Bands bands);
    }

    /** What is predicted for the load that there is, and what was planned for the plan's. */
    private void band(final String figure, final Interval interval) {
        one(figure, "low", look -> interval.of(look.atActual().bands()).low());
        one(figure, "high", look -> interval.of(look.atActual().bands()).high());
        one(figure, "planned", look -> interval.of(look.atPlan().bands()).mid());
    }

    private static void nodes(final ArrayNode rows, final Look look) {
        final double busy = look.atPlan().use().nodeBusy();
        final double weights = look.atPlan().memory().node().weights()
                + look.atPlan().memory().node().copies();
        final Map<String, Double> held = new TreeMap<>(look.seen().nodes().weightBytes());
        look.seen().nodes().busy().keySet().forEach(node -> held.putIfAbsent(node, Double.NaN));
        held.forEach((node, bytes) -> {
            final ObjectNode row = rows.addObject().put("node", node);
            LookJson.number(row, "busy", look.seen().nodes().busy().getOrDefault(node, Double.NaN));
            LookJson.number(row, "planned_busy", busy);
            LookJson.number(row, "weight_bytes", bytes);
            LookJson.number(row, "planned_weight_bytes", weights);
        });
    }
}
