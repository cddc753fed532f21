package io.cheshire.chaos.process;

import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cheshire chaos move}. Exit status 0: no stream was altered or failed; 1 otherwise. */
@Command(
        name = "move",
        mixinStandardHelpOptions = true,
        description = {
            "Starts a local cluster, runs greedy streams on it while every unit moves to another node, and "
                    + "compares every",
            "token with a run in which nothing moved; may kill the coordinator in the midst of it.",
            "Exit status: 0 no stream altered or failed; 1 otherwise."
        })
public final class MoveCommand implements Callable<Integer> {
    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Option(
            names = "--batch",
            defaultValue = "8",
            description = "Units that move at a time. Default: ${DEFAULT-VALUE}.")
    private int batchUnits;

    @Option(
            names = "--kill-coordinator",
            paramLabel = "TIMES",
            defaultValue = "0",
            description =
                    "Kill the coordinator right after it was asked for moves, so often. Default: ${DEFAULT-VALUE}.")
    private int kills;

    @Option(names = "--baseline", defaultValue = "5", description = "Runs without. Default: ${DEFAULT-VALUE}.")
    private int baselineRuns;

    @Override
    public Integer call() throws IOException, InterruptedException {
        final MoveExperiment.Plan plan = new MoveExperiment.Plan(
                options.nodes(), options.replicas(), baselineRuns, batchUnits, kills, options.load());
        options.announce();
        try (ClusterProcesses cluster = ClusterProcesses.start(ExperimentOptions.START_LIMIT, options.flags())) {
            final MoveReport report = new MoveExperiment(cluster, plan, System.err::println).run();
            System.out.println(options.json() ? JsonClient.MAPPER.writeValueAsString(report) : report.table());
            return report.alteredStreams() + report.failedStreams() == 0 ? 0 : 1;
        }
    }
}
