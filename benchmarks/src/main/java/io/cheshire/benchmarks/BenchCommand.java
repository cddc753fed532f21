package io.cheshire.benchmarks;

import io.cheshire.benchmarks.engine.EngineBenchCommand;
import io.cheshire.benchmarks.engine.GrammarBenchCommand;
import io.cheshire.benchmarks.engine.GuessingBenchCommand;
import io.cheshire.benchmarks.serve.BenchServeCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code cheshire bench}: measuring. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures servers and the engine.",
        subcommands = {
            BenchServeCommand.class,
            EngineBenchCommand.class,
            GuessingBenchCommand.class,
            GrammarBenchCommand.class
        })
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to measure");
    }
}
