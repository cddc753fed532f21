package io.cheshire.benchmarks.engine;

import io.cheshire.benchmarks.engine.core.EngineJson;
import io.cheshire.benchmarks.engine.core.EngineReport;
import io.cheshire.benchmarks.engine.core.EngineTable;
import io.cheshire.benchmarks.engine.runtime.EngineBench;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code cheshire bench engine}: prefill and decode rates of one process, where the time goes, and what transport
 * costs.
 */
@Command(
        name = "engine",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures prefill and decode in one process: rates, where the time of each thread goes, the share of"
                        + " the memory bound, heap and memory; with the expert nodes over Aeron and with "
                        + "the same kernels called"
                        + " directly, in turn. Exit status: 0 measured; 1 the run failed, or the two gave "
                        + "different tokens; 2 wrong"
                        + " usage.")
public final class EngineBenchCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Mixin
    private EngineOptions options = new EngineOptions();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "decides the prompts (default ${DEFAULT-VALUE})")
    private long seed;

    @Option(names = "--json", description = "print one JSON object and nothing else")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException, IOException {
        return EngineRun.run(spec, options, (place, progress) -> {
            final EngineReport report = new EngineBench(
                            place.config(), options.cases(), options.modes(), options.repeat, seed, progress)
                    .run();
            return json ? EngineJson.write(report) : EngineTable.write(report);
        });
    }
}
