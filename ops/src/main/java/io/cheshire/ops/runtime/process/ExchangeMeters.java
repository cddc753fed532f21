package io.cheshire.ops.runtime.process;

import io.cheshire.router.core.exchange.ExchangeCounters;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** Meters of what a router does about nodes that are lost, silent or slow. */
final class ExchangeMeters {
    private static final double NS_PER_SECOND = 1e9;

    private ExchangeMeters() {}

    /** @param nodeCount nodes 0 .. nodeCount - 1 get gauges of their own; NaN while the router doesn't know one */
    static void bind(final MeterRegistry registry, final EngineAgent engine, final int nodeCount) {
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
        for (int nodeId = 0; nodeId < nodeCount; nodeId++) {
            perNode(registry, engine, nodeId);
        }
    }

    private static Map<String, ToLongFunction<ExchangeCounters.Snapshot>> counters() {
        final Map<String, ToLongFunction<ExchangeCounters.Snapshot>> counters = new LinkedHashMap<>();
        counters.put("attempts", ExchangeCounters.Snapshot::shardsSent);
        counters.put("hedges", ExchangeCounters.Snapshot::hedges);
        counters.put("hedged_rows", ExchangeCounters.Snapshot::hedgedRows);
        counters.put("hedges_won", ExchangeCounters.Snapshot::hedgesWon);
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

    private static void perNode(final MeterRegistry registry, final EngineAgent engine, final int nodeId) {
        perNode(
                registry,
                engine,
                nodeId,
                "deadline.seconds",
                "A one-row shard is late after",
                health -> health.deadlineNs() / NS_PER_SECOND);
        perNode(registry, engine, nodeId, "open.rows", "Rows sent and not answered", NodeHealth::openRows);
        perNode(registry, engine, nodeId, "slowness", "Response time by the median node's", NodeHealth::slowness);
    }

    private static void perNode(
            final MeterRegistry registry,
            final EngineAgent engine,
            final int nodeId,
            final String name,
            final String description,
            final ToDoubleFunction<NodeHealth> figure) {
        Gauge.builder(
                        "cheshire.exchange.node." + name,
                        engine,
                        e -> e.nodeHealth().stream()
                                .filter(health -> health.nodeId() == nodeId)
                                .mapToDouble(figure)
                                .findFirst()
                                .orElse(Double.NaN))
                .tag("node", Integer.toString(nodeId))
                .description(description)
                .register(registry);
    }
}
