package io.cheshire.benchmarks;

import java.util.Collection;
import java.util.Formatter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;

/** The expert FFN against its two limits: memory where rows are few, oneDNN alone where they are many. */
final class FfnTable {
    private static final double GIGA = 1e9;
    private static final int PERCENT = 100;

    private FfnTable() {}

    /** @param bandwidth measured, bytes per second */
    static String write(final Collection<RunResult> results, final double bandwidth) {
        final Map<Integer, Double> ours = new TreeMap<>();
        final Map<Integer, Double> bare = new TreeMap<>();
        double unitBytes = 0;
        double rowFlops = 0;
        for (final RunResult result : results) {
            final int rows = Integer.parseInt(result.getParams().getParam("rows"));
            final double hidden = Double.parseDouble(result.getParams().getParam("hidden"));
            final double ffn = Double.parseDouble(result.getParams().getParam("ffn"));
            unitBytes = 3 * hidden * ffn * Short.BYTES;
            rowFlops = 2 * 3 * hidden * ffn;
            (result.getPrimaryResult().getLabel().equals("cheshire") ? ours : bare)
                    .put(rows, result.getPrimaryResult().getScore());
        }
        final StringBuilder text = new StringBuilder();
        try (Formatter out = new Formatter(text, Locale.ROOT)) {
            out.format("%nexpert FFN in bf16; memory reads %.1f GB/s%n", bandwidth / GIGA);
            out.format(
                    "%6s %12s %12s %14s %16s %12s%n",
                    "rows", "ours µs", "oneDNN µs", "of oneDNN", "of memory", "GFLOP/s");
            for (final Map.Entry<Integer, Double> entry : ours.entrySet()) {
                final double us = entry.getValue();
                final double bareUs = bare.getOrDefault(entry.getKey(), Double.NaN);
                out.format(
                        "%6d %12.1f %12.1f %13.1f%% %15.1f%% %12.1f%n",
                        entry.getKey(),
                        us,
                        bareUs,
                        PERCENT * bareUs / us,
                        PERCENT * unitBytes / (us * 1e-6) / bandwidth,
                        entry.getKey() * rowFlops / (us * 1e-6) / GIGA);
            }
        }
        return text.toString();
    }
}
