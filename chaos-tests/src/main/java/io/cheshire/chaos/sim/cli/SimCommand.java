package io.cheshire.chaos.sim.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.chaos.sim.SimReport;
import io.cheshire.chaos.sim.SimResult;
import io.cheshire.chaos.sim.Simulation;
import io.cheshire.chaos.sim.parameters.RunParameters;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./cheshire chaos sim}: many seeds, or one again. Exit status 1 when anything failed. */
@Command(
        name = "sim",
        description =
                "Simulates whole clusters among faults, in one thread under virtual time, and checks what must hold.",
        mixinStandardHelpOptions = true)
public final class SimCommand implements Callable<Integer> {
    private static final int PROGRESS_EVERY = 100;

    @Option(names = "--seed", description = "Runs this seed alone, its parameters first.")
    private @Nullable Long seed;

    @Option(names = "--seeds", description = "Runs so many seeds (default: ${DEFAULT-VALUE}).", defaultValue = "200")
    private int seeds;

    @Option(names = "--first", description = "The first of them (default: drawn from the clock, and printed).")
    private @Nullable Long first;

    @Option(names = "--trace", description = "With --seed: says what happens, event by event.")
    private boolean trace;

    @Option(names = "--json", description = "Prints the figures as JSON.")
    private boolean json;

    @Option(
            names = "--bug",
            description = "Plants a bug, to see that it is found: ${COMPLETION-CANDIDATES}.",
            defaultValue = "NONE")
    private PlantedBug bug = PlantedBug.NONE;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        final SimLogs silence = SimLogs.silence();
        try {
            return seed != null ? replay(seed) : runMany();
        } finally {
            silence.close();
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private int replay(final long one) {
        if (!json) {
            out().println("seed " + one);
            out().println(new RunParameters(one, bug).describe());
            out().flush();
        }
        final long startedNs = System.nanoTime();
        final SimResult result = Simulation.run(one, bug, trace);
        final SimReport report = new SimReport();
        report.add(result);
        result.trace().forEach(out()::println);
        print(report, one, (System.nanoTime() - startedNs) / 1e9);
        if (!json) {
            out().println("fingerprint " + Long.toHexString(result.fingerprint()));
        }
        return result.isGreen() ? 0 : 1;
    }

    private int runMany() {
        final long from = first != null ? first : System.currentTimeMillis();
        if (!json) {
            out().println("seeds " + from + " to " + (from + seeds - 1)
                    + (bug == PlantedBug.NONE ? "" : ", with " + bug));
        }
        final SimReport report = new SimReport();
        final long startedNs = System.nanoTime();
        for (int i = 0; i < seeds; i++) {
            final SimResult result = Simulation.run(from + i, bug, false);
            report.add(result);
            if (!json && result.violation() != null) {
                out().println("seed " + result.seed() + " " + result.violation());
                out().println("replay it: ./cheshire chaos sim --seed " + result.seed() + " --trace"
                        + (bug == PlantedBug.NONE ? "" : " --bug " + bug));
            }
            if (!json && (i + 1) % PROGRESS_EVERY == 0) {
                out().println((i + 1) + " seeds, " + report.failed() + " failed");
            }
            out().flush();
        }
        print(report, from, (System.nanoTime() - startedNs) / 1e9);
        return report.failed() == 0 ? 0 : 1;
    }

    private void print(final SimReport report, final long from, final double seconds) {
        if (!json) {
            report.lines(seconds).forEach(out()::println);
            out().flush();
            return;
        }
        try {
            out().println(JsonMapper.builder()
                    .build()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(report.figures(from, seconds)));
        } catch (final IOException cannotHappen) {
            throw new UncheckedIOException(cannotHappen);
        }
        out().flush();
    }
}
