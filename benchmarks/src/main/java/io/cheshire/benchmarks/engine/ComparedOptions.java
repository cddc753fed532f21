package io.cheshire.benchmarks.engine;

import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What commands share that compare two engines of one process, in turn: their options, and how they run. */
final class ComparedOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec command;

    @Mixin
    EngineOptions engine = new EngineOptions();

    @Option(
            names = "--temperature",
            split = ",",
            paramLabel = "T",
            defaultValue = "0,0.8",
            description = "how tokens are drawn; several are measured in turn (default ${DEFAULT-VALUE})")
    List<Double> temperatures = List.of();

    @Option(names = "--json", description = "print one JSON object and nothing else")
    boolean json;

    /**
     * What is measured on.
     *
     * @param settings with room for every case
     */
    record Place(Path model, ModelConfig shape, Settings settings) {
        ProcessConfig config() {
            return settings.read(ProcessConfig::alone);
        }
    }

    /** Measures, and says what came of it. */
    @FunctionalInterface
    interface Comparison {
        /** @throws BenchException the run failed, or the engines' tokens differ */
        String report(Place place, Consumer<String> progress) throws InterruptedException, IOException;
    }

    /** Runs the command, and returns its exit status. */
    int run(final Comparison comparison) throws InterruptedException, IOException {
        final PrintWriter out = command.commandLine().getOut();
        final PrintWriter err = command.commandLine().getErr();
        final Place place = checked();
        try {
            out.println(comparison.report(place, line -> {
                err.println(line);
                err.flush();
            }));
            return 0;
        } catch (final BenchException problem) {
            err.println("cheshire bench " + command.name() + ": " + problem.getMessage());
            return 1;
        } finally {
            out.flush();
            err.flush();
        }
    }

    private Place checked() {
        try {
            engine.check();
            final Settings asked = engine.settings();
            final Path model = asked.read(ModelSettings::from).directory();
            final ModelConfig shape = Checkpoint.readConfig(model);
            return new Place(model, shape, engine.roomFor(asked, shape));
        } catch (final BenchException problem) {
            throw new ParameterException(command.commandLine(), String.valueOf(problem.getMessage()), problem);
        }
    }
}
