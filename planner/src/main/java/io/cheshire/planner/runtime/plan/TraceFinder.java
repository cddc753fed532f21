package io.cheshire.planner.runtime.plan;

import io.cheshire.balance.core.RoutingLoads;
import io.cheshire.balance.core.RoutingTrace;
import io.cheshire.benchmarks.serve.core.ArrivalTrace;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.planner.core.workload.TraceFigures;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Files of traces: of arrivals, as `bench serve` reads them, and of routing, as `balance` does. */
final class TraceFinder {
    /** Whole steps of a window of a recorded routing trace. */
    private static final int WINDOW_STEPS = 16;

    private TraceFinder() {}

    /** A trace of arrivals; null where it can't be used, which is noted. */
    static @Nullable TraceFigures arrivals(final PlanSection workload, final Path file, final String name) {
        if (!Files.isReadable(file)) {
            workload.refuse(
                    "trace",
                    "is no readable file: give an Azure CSV, a Mooncake JSONL or another trace that"
                            + " bench serve reads");
            return null;
        }
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            return TraceFigures.of(name, ArrivalTrace.read(file.toString(), reader));
        } catch (final IOException | BenchException | IllegalArgumentException | ArithmeticException wrong) {
            workload.refuse("trace", String.valueOf(wrong.getMessage()));
            return null;
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
}
