package io.cheshire.planner.core.watch;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Reads what a cluster did out of two answers of its routers. Counters that went back began anew with their process:
 * then nothing is said of what came before. Pure.
 */
final class Sightings {
    private static final String TTFT = "cheshire_http_ttft_seconds";
    private static final String ITL = "cheshire_http_inter_token_seconds";
    private static final String NODE = "cheshire_coordinator_node_";
    private static final double NS_PER_SECOND = 1e9;
    private static final double US_PER_SECOND = 1e6;
    private static final double MS_PER_SECOND = 1e3;

    private final Scraped from;
    private final Scraped to;
    private final double seconds;

    private Sightings(final Scraped from, final Scraped to) {
        this.from = from;
        this.to = to;
        this.seconds = (to.atNs() - from.atNs()) / NS_PER_SECOND;
    }

    static Seen between(final Scraped from, final Scraped to) {
        return new Sightings(from, to).seen();
    }

    private Seen seen() {
        final double requests = grown(TTFT + "_count");
        return new Seen(seconds, requests, load(requests), nodes(), times());
    }

    private Seen.Load load(final double requests) {
        final double prompt = grown("cheshire_engine_prompt_tokens_total");
        final double blocks = to.sum("cheshire_engine_kv_blocks");
        return new Seen.Load(
                seconds > 0 ? requests / seconds : 0,
                ratio(prompt, requests),
                ratio(grown("cheshire_engine_generated_tokens_total"), requests),
                ratio(grown("cheshire_engine_cached_tokens_total"), prompt),
                ratio(exchanged("hedges"), exchanged("attempts")),
                ratio(blocks - to.sum("cheshire_engine_kv_blocks_free"), blocks));
    }

    /** Every router tells the coordinator's figures of every node: the latest of them counts, not their sum. */
    private Seen.Nodes nodes() {
        final Map<String, Double> rows = grownByNode("rows_total");
        final double[] each =
                rows.values().stream().mapToDouble(Double::doubleValue).toArray();
        final double all = java.util.Arrays.stream(each).sum();
        final double most = java.util.Arrays.stream(each).max().orElse(0);
        final Map<String, Double> computed = grownByNode("compute_seconds_total");
        final Map<String, Double> busy = new HashMap<>();
        if (seconds > 0) {
            computed.forEach((node, time) -> busy.put(node, time / seconds));
        }
        final double computing =
                computed.values().stream().mapToDouble(Double::doubleValue).sum();
        final Map<String, Double> ready = to.most(NODE + "ready", "node");
        return new Seen.Nodes(
                ready.isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(ready.values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum()),
                all,
                ratio(most * each.length, all),
                ratio(all, exchanged("attempts")),
                computing > 0 ? ratio(US_PER_SECOND * computing, all) : OptionalDouble.empty(),
                busy,
                to.most(NODE + "weights_bytes", "node"));
    }

    private Seen.Times times() {
        return new Seen.Times(
                ratio(MS_PER_SECOND * grown(ITL + "_sum"), grown(ITL + "_count")),
                quantileMs(ITL + "_bucket", 0.99),
                quantileMs(TTFT + "_bucket", 0.95),
                ratio(
                        MS_PER_SECOND
                                * since(
                                        from.sum("cheshire_engine_phase_seconds_total", "phase", "wait"),
                                        to.sum("cheshire_engine_phase_seconds_total", "phase", "wait")),
                        grown("cheshire_engine_steps_total")));
    }

    private double grown(final String name) {
        return since(from.sum(name), to.sum(name));
    }

    private double exchanged(final String what) {
        final String name = "cheshire_exchange_count_total";
        return since(from.sum(name, "what", what), to.sum(name, "what", what));
    }

    private Map<String, Double> grownByNode(final String figure) {
        final Map<String, Double> before = from.most(NODE + figure, "node");
        final Map<String, Double> grown = new TreeMap<>();
        // A node that wasn't heard before may have counted this long ago.
        to.most(NODE + figure, "node").forEach((node, now) -> {
            final Double then = before.get(node);
            if (then != null) {
                grown.put(node, since(then, now));
            }
        });
        return grown;
    }

    private static double since(final double before, final double now) {
        return now < before ? now : now - before;
    }

    private static OptionalDouble ratio(final double of, final double by) {
        return by > 0 ? OptionalDouble.of(of / by) : OptionalDouble.empty();
    }

    /** Linear within a bucket, as Prometheus has it; the last bound for what lies beyond all. */
    private OptionalDouble quantileMs(final String name, final double quantile) {
        final Map<String, Double> before = from.by(name, "le");
        final TreeMap<Double, Double> upTo = new TreeMap<>();
        to.by(name, "le")
                .forEach((le, count) -> upTo.put(
                        le.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(le),
                        since(before.getOrDefault(le, 0.0), count)));
        final double all = upTo.isEmpty() ? 0 : upTo.lastEntry().getValue();
        if (all <= 0) {
            return OptionalDouble.empty();
        }
        final double wanted = quantile * all;
        double lowBound = 0;
        double lowCount = 0;
        for (final Map.Entry<Double, Double> bucket : upTo.entrySet()) {
            if (bucket.getValue() >= wanted) {
                final double bound = Double.isInfinite(bucket.getKey()) ? lowBound : bucket.getKey();
                final double within = bucket.getValue() - lowCount;
                final double share = within <= 0 ? 1 : (wanted - lowCount) / within;
                return OptionalDouble.of(MS_PER_SECOND * (lowBound + share * (bound - lowBound)));
            }
            lowBound = bucket.getKey();
            lowCount = bucket.getValue();
        }
        return OptionalDouble.of(MS_PER_SECOND * lowBound);
    }
}
