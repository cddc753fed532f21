package io.cheshire.planner.core.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.planner.core.outcome.RateSweep;
import io.cheshire.planner.core.outcome.SimulatedFigures;
import io.cheshire.planner.core.outcome.SimulatedRun;
import java.util.List;

/** What was simulated, beside an answer in closed form. */
public final class SimulatedTables {
    private static final double NS_PER_MS = 1e6;

    private SimulatedTables() {}

    /** Latencies of a run, and the closed form's for comparison. */
    public static TextTable latencies(final SimulatedFigures found) {
        final TextTable table = new TextTable("simulated", "latency", "mean", "p50", "p95", "p99");
        found.latencies()
                .forEach(each -> table.add(
                        each.name(),
                        Figures.ms(each.mean()),
                        Figures.ms(each.p50()),
                        Figures.ms(each.p95()),
                        Figures.ms(each.p99())));
        return table;
    }

    /** A run in one sentence. */
    public static String words(final SimulatedFigures found) {
        return "Simulated (" + found.fidelity() + "): " + found.requests() + " requests at "
                + Figures.plain(found.perSecond()) + " requests/s, " + found.state() + ", "
                + Figures.plain(found.tokensPerSecond()) + " tokens/s, goodput " + Figures.percent(found.goodput())
                + ", " + found.failed() + " lost, " + found.steps() + " steps";
    }

    /** Rising rates of one cell. */
    public static TextTable sweep(final List<RateSweep.Point> points) {
        final TextTable table = new TextTable(
                "simulated-sweep", "requests/s", "state", "TTFT mean", "TTFT p99", "ITL mean", "ITL p99", "goodput");
        points.forEach(each -> table.add(
                Figures.plain(each.requestsPerSecond()),
                each.state().name(),
                Figures.ms(each.outcome().ttft().getMean() / NS_PER_MS),
                Figures.ms(each.outcome().ttft().getValueAtPercentile(99) / NS_PER_MS),
                Figures.ms(each.outcome().itl().getMean() / NS_PER_MS),
                Figures.ms(each.outcome().itl().getValueAtPercentile(99) / NS_PER_MS),
                Figures.percent(each.goodput())));
        return table;
    }

    /** Adds a run to an answer's JSON. */
    public static void into(final ObjectNode root, final SimulatedRun run) {
        final SimulatedFigures found = run.figures();
        final ObjectNode node = root.putObject("simulated")
                .put("fidelity", found.fidelity())
                .put("requests", found.requests())
                .put("requests_per_second", found.perSecond())
                .put("state", found.state().name())
                .put("goodput", found.goodput())
                .put("tokens_per_second", found.tokensPerSecond())
                .put("failed", found.failed())
                .put("steps", found.steps());
        found.latencies()
                .forEach(each -> node.putObject(each.name().toLowerCase(java.util.Locale.ROOT) + "_ms")
                        .put("mean", each.mean())
                        .put("p50", each.p50())
                        .put("p95", each.p95())
                        .put("p99", each.p99()));
        RunJson.into(node, run.pictures());
    }

    /** Adds rising rates. */
    public static void into(final ObjectNode root, final RateSweep.Result swept) {
        root.put("simulated_knee_a_cell", swept.knee());
        final ArrayNode rates = root.putArray("simulated_sweep");
        swept.points()
                .forEach(each -> rates.addObject()
                        .put("requests_per_second", each.requestsPerSecond())
                        .put("state", each.state().name())
                        .put("goodput", each.goodput())
                        .put("ttft_mean_ms", each.outcome().ttft().getMean() / NS_PER_MS)
                        .put("itl_mean_ms", each.outcome().itl().getMean() / NS_PER_MS));
    }
}
