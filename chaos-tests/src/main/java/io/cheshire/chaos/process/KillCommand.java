package io.cheshire.chaos.process;

import io.cheshire.chaos.runtime.JsonClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
    private static final Duration START_LIMIT = Duration.ofMinutes(6);

    @Option(names = "--nodes", defaultValue = "16", description = "Expert nodes. Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(
            names = "--replicas",
            defaultValue = "2",
            description = "Nodes that hold each unit. Default: ${DEFAULT-VALUE}.")
    private int replicas;

    @Option(
            names = "--harm",
            defaultValue = "KILL",
            description = "KILL (kill -9), STOP (SIGSTOP, then SIGCONT) or TERMINATE (SIGTERM: leave in order)."
                    + " Default: ${DEFAULT-VALUE}.")
    private Harm harm = Harm.KILL;

    @Option(names = "--victims", defaultValue = "1", description = "Nodes hurt at once. Default: ${DEFAULT-VALUE}.")
    private int victims;

    @Option(names = "--streams", defaultValue = "40", description = "Streams at once. Default: ${DEFAULT-VALUE}.")
    private int streams;

    @Option(names = "--tokens", defaultValue = "64", description = "Tokens of each. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(names = "--prompt", defaultValue = "16", description = "Tokens of each prompt. Default: ${DEFAULT-VALUE}.")
    private int promptTokens;

    @Option(names = "--repeat", defaultValue = "20", description = "Runs with harm. Default: ${DEFAULT-VALUE}.")
    private int repetitions;

    @Option(names = "--baseline", defaultValue = "5", description = "Runs without. Default: ${DEFAULT-VALUE}.")
    private int baselineRuns;

    @Option(
            names = "--vocab",
            defaultValue = "4000",
            description = "Prompts are random ids below this. Default: ${DEFAULT-VALUE}, for cheshire-mini.")
    private int vocabulary;

    @Option(names = "--seed", defaultValue = "1", description = "Draws prompts and victims. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--model", paramLabel = "DIR", description = "Checkpoint. Default: cheshire-mini.")
    private @Nullable String model;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "A setting of the cluster by its full path; may be given several times.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        final KillExperiment.Plan plan = new KillExperiment.Plan(
                nodes,
                replicas,
                harm,
                victims,
                baselineRuns,
                repetitions,
                new StreamLoad(streams, promptTokens, tokens, vocabulary, seed));
        System.err.println("seed " + seed + "; starting " + (nodes + 2) + " processes ...");
        try (ClusterProcesses cluster = ClusterProcesses.start(START_LIMIT, flags())) {
            final KillReport report = new KillExperiment(cluster, plan, System.err::println).run();
            System.out.println(json ? JsonClient.MAPPER.writeValueAsString(report) : report.table());
            return report.alteredStreams() + report.failedStreams() == 0 ? 0 : 1;
        }
    }

    private List<String> flags() {
        final List<String> flags = new ArrayList<>(List.of(
                "--nodes", Integer.toString(nodes), "--replicas", Integer.toString(replicas), "--restart-after", "1"));
        if (model != null) {
            flags.addAll(List.of("--model", model));
        }
        settings.forEach(setting -> flags.add("-D" + setting));
        return flags;
    }
}
