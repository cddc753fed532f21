package io.cheshire.chaos.process;

import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cheshire chaos kill}. Exit status 0: no stream was altered or failed; 1 otherwise. */
@Command(
        name = "kill",
        mixinStandardHelpOptions = true,
        description = {
            "Starts a local cluster, runs greedy streams on it, hurts expert nodes midway and compares every token",
            "with a run in which nobody was hurt. Exit status: 0 no stream altered or failed; 1 otherwise."
        })
public final class KillCommand implements Callable<Integer> {
    @Mixin
    private ExperimentOptions options = new ExperimentOptions();

    @Option(
            names = "--harm",
            defaultValue = "KILL",
            description = "KILL (kill -9), STOP (SIGSTOP, then SIGCONT) or TERMINATE (SIGTERM: leave in order)."
                    + " Default: ${DEFAULT-VALUE}.")
    private Harm harm = Harm.KILL;

    @Option(names = "--victims", defaultValue = "1", description = "Nodes hurt in each run. Default: ${DEFAULT-VALUE}.")
    private int victims;

    @Option(names = "--in-turn", description = "Hurt them one after another, not at once.")
    private boolean inTurn;

    @Option(names = "--repeat", defaultValue = "20", description = "Runs with harm. Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(names = "--baseline", defaultValue = "5", description = "Runs without. Default: ${DEFAULT-VALUE}.")
    private int baselineRuns;

    @Option(
            names = "--warm-up",
            defaultValue = "1",
            description = "Runs without harm before all others that count for nothing. Each process compiles what "
                    + "it runs often; sixteen"
                    + " of them on two cores take about ten runs for it. Default: ${DEFAULT-VALUE}.")
    private int warmUpRuns;

    @Option(
            names = "--settle",
            defaultValue = "0",
            description = "Runs without harm between any two with harm that count for nothing. A process that was "
                    + "started again compiles what"
                    + " it runs often, for half a minute of load where sixteen share two cores; "
                    + "until then it takes them"
                    + " from the next run. Default: ${DEFAULT-VALUE}.")
    private int settleRuns;

    @Override
    public Integer call() throws IOException, InterruptedException {
        final KillExperiment.Plan plan = new KillExperiment.Plan(
                options.nodes(),
                options.replicas(),
                harm,
                victims,
                inTurn,
                new KillExperiment.Runs(warmUpRuns, settleRuns, baselineRuns, repetitions),
                options.load());
        options.announce();
        try (ClusterProcesses cluster = ClusterProcesses.start(ExperimentOptions.START_LIMIT, options.flags())) {
            final KillReport report = new KillExperiment(cluster, plan, System.err::println).run();
            System.out.println(options.json() ? JsonClient.MAPPER.writeValueAsString(report) : report.table());
            return report.alteredStreams() + report.failedStreams() == 0 ? 0 : 1;
        }
    }
}
