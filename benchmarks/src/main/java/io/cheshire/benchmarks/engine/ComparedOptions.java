package io.cheshire.benchmarks.engine;

import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What commands share that compare two engines of one process, in turn: their options. */
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

    /** Runs the command, and returns its exit status. */
    int run(final EngineRun.Measurement comparison) throws InterruptedException, IOException {
        return EngineRun.run(command, engine, comparison);
    }
}
