package io.cheshire.planner.core.watch;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a cluster did between two looks at its routers' figures. A figure that nothing was counted for is empty.
 *
 * @param seconds  between the looks
 * @param requests sequences that got their first token in it
 * @param load     what was asked for
 * @param nodes    what its expert nodes did
 * @param times    how long it took
 */
public record Seen(double seconds, double requests, Load load, Nodes nodes, Times times) {
    /**
     * What was asked for, and what routers held for it.
     *
     * @param rate         sequences a second
     * @param promptTokens mean of a sequence
     * @param outputTokens likewise
     * @param prefixShare  of the prompts' tokens, from the cache
     * @param hedgeShare   of the shards, sent once more
     * @param kvShare      of the cache's blocks that are in use
     */
    public record Load(
            double rate,
            OptionalDouble promptTokens,
            OptionalDouble outputTokens,
            OptionalDouble prefixShare,
            OptionalDouble hedgeShare,
            OptionalDouble kvShare) {}

    /**
     * What expert nodes did, as the coordinator has it.
     *
     * @param ready        nodes that serve
     * @param rows         they answered
     * @param skew         rows of the busiest node over the mean
     * @param rowsPerShard that were sent to a node at a time
     * @param rowUs        time of kernels a row, microseconds
     * @param busy         part of the time that a node computed, by node
     * @param weightBytes  that a node holds, by node
     */
    public record Nodes(
            OptionalDouble ready,
            double rows,
            OptionalDouble skew,
            OptionalDouble rowsPerShard,
            OptionalDouble rowUs,
            Map<String, Double> busy,
            Map<String, Double> weightBytes) {
        public Nodes {
            busy = Map.copyOf(busy);
            weightBytes = Map.copyOf(weightBytes);
        }
    }

    /**
     * How long things took.
     *
     * @param itlMeanMs between two tokens
     * @param itlP99Ms  likewise
     * @param ttftP95Ms to the first token, from admission
     * @param waitMs    that a lane waited for experts in a step
     */
    public record Times(
            OptionalDouble itlMeanMs, OptionalDouble itlP99Ms, OptionalDouble ttftP95Ms, OptionalDouble waitMs) {}
}
