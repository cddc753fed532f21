package io.cheshire.ops.balance;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.cheshire.coordinator.core.balance.BalanceComparison;
import io.cheshire.coordinator.core.balance.RoutingLoads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cheshire balance}: what each balancer would make of recorded or published routing data. */
@Command(
        name = "balance",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Compares balancers on routing data: CSV with the header <window>,layer,e0,e1,… Every window's placement"
                        + " is judged on that window (in sample) and on the next one (out of sample).")
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
            final RoutingLoads routing = RoutingLoads.parse(loads.toString(), Files.readAllLines(loads));
            final List<BalanceComparison.Result> results = results(routing);
            if (json) {
                writeJson(out, routing, results);
            } else {
                writeTable(out, routing, results);
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

    private List<BalanceComparison.Result> results(final RoutingLoads routing) {
        final BalanceComparison comparison = new BalanceComparison(routing, nodes, slots, replicas, price);
        return switch (balancer) {
            case eplb -> List.of(comparison.home(), comparison.eplb());
            case cheshire -> List.of(comparison.home(), comparison.cheshire());
            case all -> List.of(comparison.home(), comparison.eplb(), comparison.cheshire());
        };
    }

    private void writeTable(
            final PrintWriter out, final RoutingLoads routing, final List<BalanceComparison.Result> results) {
        out.printf(
                Locale.ROOT,
                "%d windows, %d layers x %d experts, %d nodes x %d slots. Balancedness = mean / hottest node, 1 is perfect.%n",
                routing.windows().size(),
                routing.layers(),
                routing.experts(),
                nodes,
                slots);
        out.printf(
                Locale.ROOT,
                "%-9s %10s %10s %10s %10s %12s %8s %14s%n",
                "balancer",
                "in sample",
                "worst",
                "next",
                "worst",
                "hottest sum",
                "loaded",
                "gain per unit");
        for (final BalanceComparison.Result result : results) {
            out.printf(
                    Locale.ROOT,
                    "%-9s %10.4f %10.4f %10s %10s %12.4f %8d %14.6f%n",
                    result.balancer(),
                    result.inSample(),
                    result.inSampleWorst(),
                    orNone(result.outOfSample()),
                    orNone(result.outWorst()),
                    result.hottest(),
                    result.unitsLoaded(),
                    result.gainPerUnit());
        }
    }

    private static String orNone(final double figure) {
        return Double.isNaN(figure) ? "none" : String.format(Locale.ROOT, "%.4f", figure);
    }

    private void writeJson(
            final PrintWriter out, final RoutingLoads routing, final List<BalanceComparison.Result> results)
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
        generator.writeEndObject();
        generator.flush();
        out.println();
    }

    private static void writeResult(final JsonGenerator generator, final BalanceComparison.Result result)
            throws IOException {
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
        generator.writeArrayFieldStart("balancedness_by_layer");
        for (final double layer : result.layersOut()) {
            generator.writeNumber(layer);
        }
        generator.writeEndArray();
        generator.writeEndObject();
    }
}
