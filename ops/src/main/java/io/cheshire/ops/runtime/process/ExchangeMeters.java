package io.cheshire.ops.runtime.process;

import io.cheshire.router.core.exchange.ExchangeCounters;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Meters of what a router does about nodes that are lost, silent or slow. */
final class ExchangeMeters {
    private static final double NS_PER_SECOND = 1e9;
    private static final List<String> NODE = List.of("node");
    private static final String HEDGES =
            "Shards sent to a further replica for being late, by whether its answer was the one that counted";

    private ExchangeMeters() {}

    static void bind(final MeterRegistry registry, final LiveFigures figures, final EngineAgent engine) {
        counters()
                .forEach((what, count) -> FunctionCounter.builder(
                                "cheshire.exchange.count", engine, e -> count.applyAsLong(e.exchangeCounters()))
                        .tag("what", what)
                        .description("What became of shards, attempts and result rows since start")
                        .register(registry));
        gauge(registry, engine, "cheshire.exchange.nodes.suspect", "Nodes connected but silent", NodeHealth::suspect);
        gauge(registry, engine, "cheshire.exchange.nodes.slow", "Nodes that get a trickle only", NodeHealth::slow);
        Gauge.builder("cheshire.exchange.lanes.parked", engine, EngineAgent::parkedLanes)
                .description("Lanes that wait for a unit without a connected node")
                .register(registry);
        Gauge.builder(
                        "cheshire.exchange.units.unanswered",
                        engine,
                        e -> e.unanswered().keys().size())
                .description("Units whose nodes are all lost or silent")
                .register(registry);
        FunctionCounter.builder(
                        "cheshire.hedges", engine, e -> e.exchangeCounters().hedgesWon())
                .tag("result", "won")
                .description(HEDGES)
                .register(registry);
        FunctionCounter.builder(
                        "cheshire.hedges", engine, e -> e.exchangeCounters().hedgesWasted())
                .tag("result", "wasted")
                .description(HEDGES)
                .register(registry);
        figures.histogram(
                "cheshire_layer_wait_seconds",
                "From the gate's answer until the last expert of a layer has answered",
                engine.metrics().layerWaits());
        figures.counter(
                "cheshire_layer_last",
                "Layers whose last result came from this node",
                NODE,
                rows -> engine.stragglers()
                        .byNode()
                        .forEach((node, count) -> rows.add((double) count, Integer.toString(node))));
        perNode(
                figures,
                engine,
                "deadline_seconds",
                "A one-row shard is late after",
                health -> health.deadlineNs() / NS_PER_SECOND);
        perNode(figures, engine, "open_rows", "Rows sent and not answered", NodeHealth::openRows);
        perNode(figures, engine, "slowness", "Response time by the median node's", NodeHealth::slowness);
        perNode(figures, engine, "connected", "Whether the node takes shards", health -> health.connected() ? 1 : 0);
    }

    private static Map<String, ToLongFunction<ExchangeCounters.Snapshot>> counters() {
        final Map<String, ToLongFunction<ExchangeCounters.Snapshot>> counters = new LinkedHashMap<>();
        counters.put("attempts", ExchangeCounters.Snapshot::shardsSent);
        counters.put("hedges", ExchangeCounters.Snapshot::hedges);
        counters.put("hedged_rows", ExchangeCounters.Snapshot::hedgedRows);
        counters.put("hedges_won", ExchangeCounters.Snapshot::hedgesWon);
        counters.put("hedges_wasted", ExchangeCounters.Snapshot::hedgesWasted);
        counters.put("hedges_denied", ExchangeCounters.Snapshot::hedgesDenied);
        counters.put("trickled", ExchangeCounters.Snapshot::trickled);
        counters.put("result_rows", ExchangeCounters.Snapshot::resultRows);
        counters.put("late_rows", ExchangeCounters.Snapshot::lateRows);
        counters.put("duplicate_rows", ExchangeCounters.Snapshot::duplicateRows);
        counters.put("rows_abandoned", ExchangeCounters.Snapshot::rowsAbandoned);
        counters.put("results_abandoned", ExchangeCounters.Snapshot::resultsAbandoned);
        counters.put("rows_poisoned", ExchangeCounters.Snapshot::poisonedRows);
        counters.put("nacks", ExchangeCounters.Snapshot::nacks);
        counters.put("retries", ExchangeCounters.Snapshot::retries);
        counters.put("answers_lost", ExchangeCounters.Snapshot::answersLost);
        counters.put("invalid_results", ExchangeCounters.Snapshot::invalidResults);
        counters.put("suspicions", ExchangeCounters.Snapshot::suspicions);
        counters.put("shards_alone", ExchangeCounters.Snapshot::sentAlone);
        counters.put("parks", ExchangeCounters.Snapshot::parks);
        return counters;
    }

    private static void gauge(
            final MeterRegistry registry,
            final EngineAgent engine,
            final String name,
            final String description,
            final Predicate<NodeHealth> which) {
        Gauge.builder(name, engine, e ->
                        (double) e.nodeHealth().stream().filter(which).count())
                .description(description)
                .register(registry);
    }

    /** Of every node that the router knows, whatever its number. */
    private static void perNode(
            final LiveFigures figures,
            final EngineAgent engine,
            final String name,
            final String description,
            final ToDoubleFunction<NodeHealth> figure) {
        figures.gauge(
                "cheshire_exchange_node_" + name,
                description,
                NODE,
                rows -> engine.nodeHealth()
                        .forEach(health -> rows.add(figure.applyAsDouble(health), Integer.toString(health.nodeId()))));
    }
}
