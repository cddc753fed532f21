package io.cheshire.planner.runtime.plan;

import io.cheshire.balance.core.RoutingLoads;
import io.cheshire.balance.core.RoutingTrace;
import io.cheshire.benchmarks.serve.core.ArrivalTrace;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.benchmarks.serve.core.TraceRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Files of traces: of arrivals, as `bench serve` reads them, and of routing, as `balance` does. */
final class TraceFinder {
    /** Whole steps of a window of a recorded routing trace. */
    private static final int WINDOW_STEPS = 16;

    private TraceFinder() {}

    /** A trace of arrivals; none where it can't be read, which is noted. */
    static List<TraceRow> arrivals(final PlanSection workload, final Path file) {
        if (!Files.isReadable(file)) {
            workload.refuse(
                    "trace",
                    "is no readable file: give an Azure CSV, a Mooncake JSONL or another trace that"
                            + " bench serve reads");
            return List.of();
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return ArrivalTrace.read(file.toString(), reader);
        } catch (final IOException | BenchException wrong) {
            workload.refuse("trace", String.valueOf(wrong.getMessage()));
            return List.of();
        }
    }

    /** Routing, recorded by us or as a table of shares. */
    static RoutingLoads routing(final Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            final List<String> all = lines.toList();
            if (!all.isEmpty() && RoutingTrace.isTrace(all.getFirst())) {
                final Iterator<String> each = all.iterator();
                return new RoutingTrace(file.toString(), WINDOW_STEPS, 0)
                        .read(each)
                        .loads();
            }
            return RoutingLoads.parse(file.toString(), all);
        }
    }

    /** Part of all prompt tokens that are in leading blocks which an earlier request had, if nothing is evicted. */
    static double prefixShare(final List<TraceRow> rows) {
        final Set<Long> seen = new HashSet<>();
        double shared = 0;
        double all = 0;
        for (final TraceRow row : rows) {
            final List<Long> blocks = row.shape().sharedBlocks();
            int known = 0;
            while (known < blocks.size() && seen.contains(blocks.get(known))) {
                known++;
            }
            seen.addAll(blocks);
            // The last token of a prompt is always computed.
            shared += Math.min(
                    row.shape().inputTokens() - 1, (double) known * row.shape().blockTokens());
            all += row.shape().inputTokens();
        }
        return all == 0 ? 0 : shared / all;
    }
}
