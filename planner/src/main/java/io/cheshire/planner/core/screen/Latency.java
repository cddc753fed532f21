package io.cheshire.planner.core.screen;

/**
 * What users see, ms.
 *
 * @param ttftMs    time to the first token at 50, 95 and 99 of 100
 * @param itlMs     time between tokens, mean and at 99 of 100
 * @param e2eMs     to the last token of a mean answer
 * @param goodput   share of requests within the objectives; 1 where there are none
 */
public record Latency(Ttft ttftMs, Itl itlMs, double e2eMs, double goodput) {
    /** Of the first token. */
    public record Ttft(double p50, double p95, double p99) {}

    /** Between tokens. */
    public record Itl(double mean, double p99) {}

    /** Of a fleet that falls behind further and further. */
    static Latency unbounded(final double itlMeanMs, final double itlP99Ms) {
        final double never = Double.POSITIVE_INFINITY;
        return new Latency(new Ttft(never, never, never), new Itl(itlMeanMs, itlP99Ms), never, 0);
    }
}
