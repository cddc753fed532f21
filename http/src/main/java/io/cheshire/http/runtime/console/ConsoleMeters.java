package io.cheshire.http.runtime.console;

import io.cheshire.http.core.console.LatencySteps;
import io.cheshire.router.core.Engine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What a router measures of itself, by the names that the console's pages use. A meter that isn't there gives no
 * figure. Used by one thread.
 */
final class ConsoleMeters {
    private static final Map<String, String> GAUGES = Map.of(
            "cheshire.http.active", "requests.active",
            "cheshire.http.unread", "requests.unread",
            "cheshire.http.bodies.bytes", "bodies.bytes",
            "cheshire.exchange.lanes.parked", "lanes.parked",
            "cheshire.exchange.units.unanswered", "units.unanswered",
            "process.cpu.usage", "process.cpu");

    /** Counters with labels: their values are added up. */
    private static final Map<String, String> SUMS = Map.of(
            "cheshire.http.rejected", "requests.rejected",
            "cheshire.http.cancelled", "requests.cancelled");

    /** Counters that are told apart by one label. */
    private static final Map<String, Split> SPLITS = Map.of(
            "cheshire.engine.phase.seconds", new Split("phase", "phase."),
            "cheshire.engine.count", new Split("what", "engine."),
            "cheshire.exchange.count", new Split("what", "exchange."));

    private static final Map<String, String> LATENCIES =
            Map.of("cheshire.http.ttft", "ttft", "cheshire.http.inter.token", "itl");

    /** A label, and what stands before its value in a figure's name. */
    private record Split(String label, String prefix) {}

    private final Engine engine;
    private final MeterRegistry registry;

    ConsoleMeters(final Engine engine, final MeterRegistry registry) {
        this.engine = engine;
        this.registry = registry;
    }

    /** Adds what is now, and what was counted so far. */
    void read(final Map<String, Double> gauges, final Map<String, Double> counters) {
        final Engine.EngineStatus status = engine.status();
        gauges.put("engine.ready", status.ready() ? 1.0 : 0.0);
        gauges.put("engine.waiting", (double) status.waiting());
        gauges.put("engine.running", (double) status.running());
        gauges.put("kv.total", (double) status.kvBlocksTotal());
        gauges.put("kv.free", (double) status.kvBlocksFree());
        counters.put("preemptions", (double) status.preemptions());
        counters.put("tokens.prompt", (double) status.promptTokens());
        counters.put("tokens.cached", (double) status.cachedTokens());
        counters.put("tokens.generated", (double) status.generatedTokens());
        counters.put("steps", (double) status.steps());
        // These begin with the first that they count.
        SUMS.values().forEach(name -> counters.put(name, 0.0));
        registry.forEachMeter(meter -> read(meter, gauges, counters));
    }

    private static void read(final Meter meter, final Map<String, Double> gauges, final Map<String, Double> counters) {
        final String name = meter.getId().getName();
        if (meter instanceof final Gauge gauge && GAUGES.containsKey(name)) {
            gauges.put(Objects.requireNonNull(GAUGES.get(name)), gauge.value());
        } else if (meter instanceof final Timer timer && LATENCIES.containsKey(name)) {
            latency(Objects.requireNonNull(LATENCIES.get(name)), timer.takeSnapshot(), counters);
        } else if (SUMS.containsKey(name)) {
            counters.merge(Objects.requireNonNull(SUMS.get(name)), value(meter), Double::sum);
        } else if (SPLITS.containsKey(name)) {
            final Split split = Objects.requireNonNull(SPLITS.get(name));
            counters.put(split.prefix() + meter.getId().getTag(split.label()), value(meter));
        }
    }

    private static double value(final Meter meter) {
        if (meter instanceof final FunctionCounter counter) {
            return counter.count();
        }
        for (final Measurement measurement : meter.measure()) {
            return measurement.getValue();
        }
        return Double.NaN;
    }

    private static void latency(
            final String name, final HistogramSnapshot snapshot, final Map<String, Double> counters) {
        final CountAtBucket[] buckets = snapshot.histogramCounts();
        final double[] bounds = new double[buckets.length];
        final double[] cumulative = new double[buckets.length];
        for (int i = 0; i < buckets.length; i++) {
            bounds[i] = buckets[i].bucket(TimeUnit.SECONDS);
            cumulative[i] = buckets[i].count();
        }
        LatencySteps.addTo(counters, name, bounds, cumulative, (double) snapshot.count());
    }
}
