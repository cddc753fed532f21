package io.cheshire.benchmarks.balance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.balance.core.BalanceComparison;
import io.cheshire.balance.core.RoutingLoads;
import io.cheshire.balance.core.RoutingTrace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire balance}: what each balancer would make of recorded or published routing data. */
@Command(
        name = "balance",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares balancers on routing data: a trace recorded with serve --record-routing, or CSV "
                + "with the header"
                + " <window>,layer,e0,e1,… Every window's placement is judged on that window (in sample) and on"
                + " the next one (out of sample).")
public final class BalanceCommand implements Callable<Integer> {
    private static final JsonFactory JSON = new JsonFactory();

    /** Whom to compare. */
    enum Choice {
        eplb,
        cheshire,
        all
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(names = "--loads", required = true, paramLabel = "FILE", description = "routing data")
    private Path loads = Path.of("loads.csv");

    @Option(
            names = "--balancer",
            paramLabel = "NAME",
            defaultValue = "all",
            description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}); home is always shown")
    private Choice balancer = Choice.all;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "16", description = "nodes (default ${DEFAULT-VALUE})")
    private int nodes = 16;

    @Option(
            names = "--slots",
            paramLabel = "N",
            defaultValue = "2",
            description = "units of each layer that a node holds (default ${DEFAULT-VALUE})")
    private int slots = 2;

    @Option(
            names = "--replicas",
            paramLabel = "R",
            defaultValue = "1",
            description = "least replicas of every unit, cheshire only (default ${DEFAULT-VALUE})")
    private int replicas = 1;

    @Option(
            names = "--price",
            paramLabel = "X",
            defaultValue = "0",
            description =
                    "load of the hottest node that one unit loaded must save, cheshire only (default ${DEFAULT-VALUE})")
    private double price;

    @Option(
            names = "--half-life",
            paramLabel = "WINDOWS",
            defaultValue = "4",
            description =
                    "for \"predicted\", cheshire on a decayed mean instead of the last window: windows after which"
                            + " a window counts half (default ${DEFAULT-VALUE})")
    private double halfLife = 4;

    @Option(
            names = "--drift",
            paramLabel = "X",
            defaultValue = "0.02",
            description = "for \"predicted\": distance beyond chance, 0 to 1, from which the past is forgotten (default"
                    + " ${DEFAULT-VALUE})")
    private double driftDistance = 0.02;

    @Option(
            names = "--window",
            paramLabel = "STEPS",
            defaultValue = "64",
            description = "steps of one window of a recorded trace (default ${DEFAULT-VALUE})")
    private int windowSteps = 64;

    @Option(
            names = "--ridge",
            paramLabel = "ROWS",
            defaultValue = "0",
            description = "rows whose arithmetic takes as long as reading the weights: in a recorded trace, a unit with"
                    + " fewer rows in a step counts as so many (default ${DEFAULT-VALUE}: rows alone count)")
    private double ridgeRows;

    @Option(
            names = "--unit-bytes",
            paramLabel = "BYTES",
            defaultValue = "157286400",
            description =
                    "bytes of one unit, for the gain per GB moved (default ${DEFAULT-VALUE}: Phi-3.5-MoE in bf16)")
    private long unitBytes = 157_286_400;

    @Option(names = "--time", description = "also measure how long a placement takes, a few seconds")
    private boolean time;

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final PrintWriter err = spec.commandLine().getErr();
        if (!Files.isReadable(loads)) {
            err.println("--loads " + loads + " is no readable file");
            err.flush();
            return 1;
        }
        try {
            final RoutingLoads routing = routing(err);
            final List<BalanceComparison.Result> results = results(routing);
            final List<BalancerTiming> timings =
                    time ? BalancerTiming.measure(routing, nodes, slots, replicas) : List.of();
            if (json) {
                writeJson(out, routing, results, timings);
            } else {
                writeTable(out, routing, results);
                timings.forEach(timing -> writeTiming(out, timing));
            }
            return 0;
        } catch (final IllegalArgumentException problem) {
            err.println(problem.getMessage());
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private RoutingLoads routing(final PrintWriter err) throws IOException {
        try (Stream<String> lines = Files.lines(loads)) {
            final Iterator<String> rest = lines.iterator();
            final String first = rest.hasNext() ? rest.next() : "";
            if (RoutingTrace.isTrace(first)) {
                final RoutingTrace.Content trace = new RoutingTrace(loads.toString(), windowSteps, ridgeRows)
                        .read(Stream.concat(Stream.of(first), streamOf(rest)).iterator());
                remark(err, trace);
                return trace.loads();
            }
            return RoutingLoads.parse(
                    loads.toString(),
                    Stream.concat(Stream.of(first), streamOf(rest)).toList());
        } catch (final UncheckedIOException notText) {
            throw new IllegalArgumentException("--loads " + loads + " is no text file", notText);
        }
    }

    private static Stream<String> streamOf(final Iterator<String> lines) {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(lines, Spliterator.ORDERED), false);
    }

    /** What a trace lacks is said, not passed over. */
    private static void remark(final PrintWriter err, final RoutingTrace.Content trace) {
        if (trace.droppedRecords() < 0) {
            err.println("The trace has no end: its router was killed, or is still recording.");
        }
        if (trace.droppedRecords() > 0 || trace.incompleteSteps() > 0) {
            err.printf(
                    Locale.ROOT,
                    "Left out: %d steps that aren't whole; the recorder dropped %d records.%n",
                    trace.incompleteSteps(),
                    Math.max(0, trace.droppedRecords()));
        }
        if (trace.stepsLeftOut() > 0) {
            err.println("Left out: the last " + trace.stepsLeftOut() + " steps, which fill no window.");
        }
    }

    private List<BalanceComparison.Result> results(final RoutingLoads routing) {
        final BalanceComparison comparison = new BalanceComparison(routing, nodes, slots, replicas, price);
        return switch (balancer) {
            case eplb -> List.of(comparison.home(), comparison.eplb());
            case cheshire -> List.of(comparison.home(), comparison.cheshire(), predicted(comparison));
            case all -> List.of(comparison.home(), comparison.eplb(), comparison.cheshire(), predicted(comparison));
        };
    }

    private void writeTable(
            final PrintWriter out, final RoutingLoads routing, final List<BalanceComparison.Result> results) {
        out.printf(
                Locale.ROOT,
                "%d windows, %d layers x %d experts, %d nodes x %d slots. Balancedness = mean / hottest "
                        + "node, 1 is perfect.%n",
                routing.windows().size(),
                routing.layers(),
                routing.experts(),
                nodes,
                slots);
        out.printf(
                Locale.ROOT,
                "%-9s %10s %10s %10s %10s %12s %8s %14s %14s%n",
                "balancer",
                "in sample",
                "worst",
                "next",
                "worst",
                "hottest sum",
                "loaded",
                "gain per unit",
                "gain per GB");
        for (final BalanceComparison.Result result : results) {
            out.printf(
                    Locale.ROOT,
                    "%-9s %10.4f %10.4f %10s %10s %12.4f %8d %14.6f %14.6f%n",
                    result.balancer(),
                    result.inSample(),
                    result.inSampleWorst(),
                    orNone(result.outOfSample()),
                    orNone(result.outWorst()),
                    result.hottest(),
                    result.unitsLoaded(),
                    result.gainPerUnit(),
                    perGb(result));
        }
    }

    private BalanceComparison.Result predicted(final BalanceComparison comparison) {
        return comparison.predicted(halfLife, driftDistance);
    }

    private static void writeTiming(final PrintWriter out, final BalancerTiming timing) {
        out.printf(
                Locale.ROOT,
                "%s takes p50 %.0f us, p99 %.0f us for all layers%n",
                timing.balancer(),
                timing.p50Us(),
                timing.p99Us());
    }

    private double perGb(final BalanceComparison.Result result) {
        return result.gainPerUnit() / unitBytes * 1e9;
    }

    private static String orNone(final double figure) {
        return Double.isNaN(figure) ? "none" : String.format(Locale.ROOT, "%.4f", figure);
    }

    private void writeJson(
            final PrintWriter out,
            final RoutingLoads routing,
            final List<BalanceComparison.Result> results,
            final List<BalancerTiming> timings)
            throws IOException {
        final JsonGenerator generator = JSON.createGenerator(out).useDefaultPrettyPrinter();
        generator.writeStartObject();
        generator.writeStringField("loads", loads.toString());
        generator.writeNumberField("windows", routing.windows().size());
        generator.writeNumberField("layers", routing.layers());
        generator.writeNumberField("experts", routing.experts());
        generator.writeNumberField("nodes", nodes);
        generator.writeNumberField("slots", slots);
        generator.writeNumberField("replicas", replicas);
        generator.writeNumberField("price", price);
        generator.writeArrayFieldStart("balancers");
        for (final BalanceComparison.Result result : results) {
            writeResult(generator, result);
        }
        generator.writeEndArray();
        for (final BalancerTiming timing : timings) {
            generator.writeNumberField(timing.balancer() + "_p50_us", timing.p50Us());
            generator.writeNumberField(timing.balancer() + "_p99_us", timing.p99Us());
        }
        generator.writeEndObject();
        generator.flush();
        out.println();
    }

    private void writeResult(final JsonGenerator generator, final BalanceComparison.Result result) throws IOException {
        generator.writeStartObject();
        generator.writeStringField("balancer", result.balancer());
        generator.writeNumberField("in_sample", result.inSample());
        generator.writeNumberField("in_sample_worst_layer", result.inSampleWorst());
        if (!Double.isNaN(result.outOfSample())) {
            generator.writeNumberField("out_of_sample", result.outOfSample());
            generator.writeNumberField("out_of_sample_worst_layer", result.outWorst());
        }
        generator.writeNumberField("hottest_sum", result.hottest());
        generator.writeNumberField("units_loaded", result.unitsLoaded());
        generator.writeNumberField("gain_per_unit_loaded", result.gainPerUnit());
        generator.writeNumberField("bytes_moved", Math.multiplyExact(result.unitsLoaded(), unitBytes));
        generator.writeNumberField("gain_per_gb_moved", perGb(result));
        generator.writeArrayFieldStart("balancedness_by_layer");
        for (final double layer : result.layersOut()) {
            generator.writeNumber(layer);
        }
        generator.writeEndArray();
        generator.writeEndObject();
    }
}
