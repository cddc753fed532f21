package io.cheshire.benchmarks.serve.core;

import java.util.LinkedHashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Figures of one histogram, in ms. All are 0 where nothing was recorded.
 *
 * @param count values recorded (or filled in by a correction)
 */
public record LatencySummary(
        long count, double meanMs, double p50Ms, double p90Ms, double p95Ms, double p99Ms, double maxMs) {
    /** Summary of a histogram of ns. */
    public static LatencySummary of(final Histogram histogram) {
        if (histogram.getTotalCount() == 0) {
            return new LatencySummary(0, 0, 0, 0, 0, 0, 0);
        }
        return new LatencySummary(
                histogram.getTotalCount(),
                histogram.getMean() / 1e6,
                histogram.getValueAtPercentile(50) / 1e6,
                histogram.getValueAtPercentile(90) / 1e6,
                histogram.getValueAtPercentile(95) / 1e6,
                histogram.getValueAtPercentile(99) / 1e6,
                histogram.getMaxValue() / 1e6);
    }

    /** The figures by the names they have in reports. */
    public Map<String, Double> figures() {
        final Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("mean", meanMs);
        figures.put("p50", p50Ms);
        figures.put("p90", p90Ms);
        figures.put("p95", p95Ms);
        figures.put("p99", p99Ms);
        figures.put("max", maxMs);
        return figures;
    }
}
