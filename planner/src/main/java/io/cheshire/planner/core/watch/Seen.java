package io.cheshire.planner.core.watch;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What a cluster did between two looks at a router's figures. A figure that nothing was counted for is empty.
 *
 * @param seconds      between the looks
 * @param requests     sequences that got their first token in it
 * @param rate         of them a second
 * @param promptTokens mean of a sequence
 * @param outputTokens likewise
 * @param prefixShare  of the prompts' tokens, from the cache
 * @param hedgeShare   of the shards, sent once more
 * @param kvShare      of the cache's blocks that are in use
 * @param nodeSkew     rows of the busiest node over the mean
 * @param itlMeanMs    between two tokens
 * @param ttftP95Ms    to the first token, from admission
 */
public record Seen(
        double seconds,
        double requests,
        double rate,
        OptionalDouble promptTokens,
        OptionalDouble outputTokens,
        OptionalDouble prefixShare,
        OptionalDouble hedgeShare,
        OptionalDouble kvShare,
        OptionalDouble nodeSkew,
        OptionalDouble itlMeanMs,
        OptionalDouble ttftP95Ms) {
    private static final String TTFT = "cheshire_http_ttft_seconds";
    private static final String ITL = "cheshire_http_inter_token_seconds";
    private static final String ROWS = "cheshire_node_rows_total";
    private static final double NS_PER_SECOND = 1e9;
    private static final double MS_PER_SECOND = 1e3;
    private static final double P95 = 0.95;

    /**
     * Between two looks. Counters that went back began anew with their process: then nothing is said of what came
     * before.
     */
    public static Seen between(final Scraped from, final Scraped to) {
        final double seconds = (to.atNs() - from.atNs()) / NS_PER_SECOND;
        final double requests = grown(from, to, TTFT + "_count");
        final double prompt = grown(from, to, "cheshire_engine_prompt_tokens_total");
        return new Seen(
                seconds,
                requests,
                requests / seconds,
                ratio(prompt, requests),
                ratio(grown(from, to, "cheshire_engine_generated_tokens_total"), requests),
                ratio(grown(from, to, "cheshire_engine_cached_tokens_total"), prompt),
                ratio(exchanged(from, to, "hedges"), exchanged(from, to, "attempts")),
                to.has("cheshire_engine_kv_blocks")
                        ? ratio(
                                to.sum("cheshire_engine_kv_blocks") - to.sum("cheshire_engine_kv_blocks_free"),
                                to.sum("cheshire_engine_kv_blocks"))
                        : OptionalDouble.empty(),
                skew(from, to),
                ratio(MS_PER_SECOND * grown(from, to, ITL + "_sum"), grown(from, to, ITL + "_count")),
                quantileMs(from, to, TTFT + "_bucket"));
    }

    private static double grown(final Scraped from, final Scraped to, final String name) {
        return since(from.sum(name), to.sum(name));
    }

    private static double exchanged(final Scraped from, final Scraped to, final String what) {
        final String name = "cheshire_exchange_count_total";
        return since(from.sum(name, "what", what), to.sum(name, "what", what));
    }

    private static double since(final double before, final double now) {
        return now < before ? now : now - before;
    }

    private static OptionalDouble ratio(final double of, final double by) {
        return by > 0 ? OptionalDouble.of(of / by) : OptionalDouble.empty();
    }

    private static OptionalDouble skew(final Scraped from, final Scraped to) {
        final Map<String, Double> before = from.by(ROWS, "node");
        final double[] rows = to.by(ROWS, "node").entrySet().stream()
                .mapToDouble(node -> since(before.getOrDefault(node.getKey(), 0.0), node.getValue()))
                .toArray();
        final double mean = java.util.Arrays.stream(rows).average().orElse(0);
        return mean > 0
                ? OptionalDouble.of(java.util.Arrays.stream(rows).max().orElse(0) / mean)
                : OptionalDouble.empty();
    }

    /** Linear within a bucket, as Prometheus has it; the last bound for what lies beyond all. */
    private static OptionalDouble quantileMs(final Scraped from, final Scraped to, final String name) {
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
        final double wanted = P95 * all;
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
