package io.cheshire.planner.core.report;

import io.cheshire.planner.core.failure.Availability;
import io.cheshire.planner.core.failure.FailureTimeline;
import io.cheshire.planner.core.failure.SpareTable;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.core.screen.ScreenResult;
import io.cheshire.planner.core.search.Candidate;
import io.cheshire.planner.core.search.Tornado;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import java.util.List;
import java.util.Locale;

/** Tables of an answer, for terminals, pages and CSV alike. */
public final class AnswerTables {
    private AnswerTables() {}

    /** At rising rates. */
    public static TextTable sweep(final String name, final List<ScreenResult> results) {
        final TextTable table = new TextTable(
                name,
                "requests/s",
                "state",
                "TTFT p50",
                "TTFT p95",
                "TTFT p99",
                "ITL mean",
                "ITL p99",
                "E2E mean",
                "goodput");
        for (final ScreenResult each : results) {
            table.add(
                    Figures.plain(each.perSecond()),
                    each.state().name(),
                    Figures.ms(each.latency().ttftMs().p50()),
                    Figures.ms(each.latency().ttftMs().p95()),
                    Figures.ms(each.latency().ttftMs().p99()),
                    Figures.ms(each.latency().itlMs().mean()),
                    Figures.ms(each.latency().itlMs().p99()),
                    Figures.ms(each.latency().e2eMs()),
                    Figures.percent(each.latency().goodput()));
        }
        return table;
    }

    /** Fleets side by side. */
    public static TextTable candidates(final String name, final CapacityPlan plan, final List<Candidate> list) {
        final TextTable table = new TextTable(
                name,
                "fleet",
                "knee",
                "TTFT p95",
                "ITL p99",
                "tok/s/node",
                "tok/s/user",
                "attained",
                plan.costs().isGiven() ? "cost/h" : "machines",
                "keeps");
        for (final Candidate each : list) {
            final ScreenResult found = each.screen();
            table.add(
                    each.fleet().words(),
                    Figures.of(found.knee()),
                    Figures.ms(found.latency().ttftMs().p95()),
                    Figures.ms(found.latency().itlMs().p99()),
                    Figures.plain(found.tokensPerNode(plan.load().lengths().meanOutput())),
                    Figures.plain(found.tokensPerUser()),
                    each.availability() == null
                            ? "-"
                            : Figures.nines(each.availability().attained()),
                    Figures.plain(each.price()),
                    each.keeps() ? "yes" : each.misses().getFirst());
        }
        return table;
    }

    /** Where a token's time goes. */
    public static TextTable waterfall(final PlanAnswer answer) {
        final TextTable table = new TextTable("waterfall", "a token's time", "ms", "share");
        final var parts = VerdictWords.waterfall(
                answer.chosen().screen().step(), answer.plan().model().shape().layerCount());
        final double sum = parts.stream().mapToDouble(VerdictWords.Part::ms).sum();
        parts.forEach(part -> table.add(part.name(), Figures.plain(part.ms()), Figures.percent(part.ms() / sum)));
        table.add("a mean step", Figures.plain(sum), "100 %");
        return table;
    }

    /** Memory of a node and a router. */
    public static TextTable memory(final MemoryBudget budget) {
        final TextTable table = new TextTable("memory", "memory", "a node", "a router");
        final MemoryBudget.Parts node = budget.node();
        final MemoryBudget.Parts router = budget.router();
        table.add("weights", Figures.bytes(node.weights()), Figures.bytes(router.weights()));
        table.add("further copies", Figures.bytes(node.copies()), "-");
        table.add(
                budget.hostBytes() > 0 ? "rows in kernels, a unit as it loads" : "rows in flight",
                Figures.bytes(node.workspace()),
                "-");
        table.add("KV cache", "-", Figures.bytes(router.kv()) + (budget.kvMeasured() ? " (measured)" : ""));
        table.add("free", known(node, node.free()), known(router, router.free()));
        table.add("limit", known(node, node.limit()), known(router, router.limit()));
        if (budget.hostBytes() > 0) {
            table.add("of a GPU's host: rows in flight, pinned", Figures.bytes(budget.hostBytes()), "-");
        }
        return table;
    }

    private static String known(final MemoryBudget.Parts parts, final double bytes) {
        return parts.limit() == 0 ? "not said" : Figures.bytes(bytes);
    }

    /** Each assumption, a fifth less and more. */
    public static TextTable tornado(final List<Tornado.Bar> bars) {
        final TextTable table = new TextTable(
                "sensitivity",
                "assumption",
                "knee over rate at -20 %",
                "+20 %",
                "ITL mean at -20 %",
                "+20 %",
                "attained at -20 %",
                "+20 %");
        for (final Tornado.Bar bar : bars) {
            table.add(
                    bar.what(),
                    Figures.plain(bar.less().headroom()),
                    Figures.plain(bar.more().headroom()),
                    Figures.ms(bar.less().itlMeanMs()),
                    Figures.ms(bar.more().itlMeanMs()),
                    Figures.nines(bar.less().attained()),
                    Figures.nines(bar.more().attained()));
        }
        return table;
    }

    /** N + k. */
    public static TextTable spares(final List<SpareTable.Row> rows) {
        final TextTable table = new TextTable(
                "availability",
                "replicas",
                "spares",
                "apart by",
                "fits",
                "of the year",
                "seconds lost a year",
                "survives any rack");
        for (final SpareTable.Row row : rows) {
            table.add(
                    Integer.toString(row.replicas()),
                    Integer.toString(row.spares()),
                    row.apart().name().toLowerCase(Locale.ROOT),
                    Figures.yes(row.fits()),
                    Figures.nines(row.share()),
                    Figures.plain(row.secondsAYear()),
                    Figures.yes(row.survivesAnyRack()));
        }
        return table;
    }

    /** Nodes away, how often, and what is left. */
    public static TextTable states(final Availability found) {
        final TextTable table = new TextTable("states", "nodes away", "of the year", "nodes left", "knee", "enough");
        for (final Availability.CapacityState state : found.states()) {
            table.add(
                    Integer.toString(state.away()),
                    Figures.seconds(state.probability() * Availability.SECONDS_PER_YEAR),
                    Integer.toString(state.nodesLeft()),
                    Figures.plain(state.knee()),
                    Figures.yes(state.enough()));
        }
        return table;
    }

    /** The loss of one node. */
    public static TextTable timeline(final List<FailureTimeline.Moment> moments) {
        final TextTable table = new TextTable("failure", "one node dies", "after", "carries");
        for (final FailureTimeline.Moment moment : moments) {
            table.add(moment.what(), Figures.seconds(moment.atSeconds()), Figures.percent(moment.carried()));
        }
        return table;
    }
}
