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
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How commands run that measure engines in this process: wrong options end with 2, a failed run with 1. */
final class EngineRun {
    private EngineRun() {}

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
    interface Measurement {
        /** @throws BenchException the run failed, or the engines' tokens differ */
        String report(Place place, Consumer<String> progress) throws InterruptedException, IOException;
    }

    /** Runs {@code command}, and returns its exit status. */
    static int run(final CommandSpec command, final EngineOptions engine, final Measurement measurement)
            throws InterruptedException, IOException {
        final PrintWriter out = command.commandLine().getOut();
        final PrintWriter err = command.commandLine().getErr();
        final Place place = checked(command, engine);
        try {
            out.println(measurement.report(place, line -> {
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

    private static Place checked(final CommandSpec command, final EngineOptions engine) {
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
