package io.cheshire.chaos.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Flags of every experiment on a cluster of processes: the cluster and the streams on it. */
final class ExperimentOptions {
    static final Duration START_LIMIT = Duration.ofMinutes(6);

    @Option(names = "--nodes", defaultValue = "16", description = "Expert nodes. Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(
            names = "--replicas",
            defaultValue = "2",
            description = "Nodes that hold each unit. Default: ${DEFAULT-VALUE}.")
    private int replicas;

    @Option(names = "--streams", defaultValue = "40", description = "Streams at once. Default: ${DEFAULT-VALUE}.")
    private int streams;

    @Option(names = "--tokens", defaultValue = "64", description = "Tokens of each. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(names = "--prompt", defaultValue = "16", description = "Tokens of each prompt. Default: ${DEFAULT-VALUE}.")
    private int promptTokens;

    @Option(
            names = "--vocab",
            defaultValue = "4000",
            description = "Prompts are random ids below this. Default: ${DEFAULT-VALUE}, for cheshire-mini.")
    private int vocabulary;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Draws prompts and what is done to whom. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--model", paramLabel = "DIR", description = "Checkpoint. Default: cheshire-mini.")
    private @Nullable String model;

    @Option(
            names = "--loss",
            defaultValue = "0",
            description =
                    "Part of all packets that the media driver loses, 0 to less than 1, drawn from the seed; the data"
                            + " plane then runs over UDP. Default: ${DEFAULT-VALUE}.")
    private double loss;

    @Option(
            names = "--restart-after",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "A process that ended is started again so much later. A JVM that starts takes seconds "
                    + "of a core, which on one"
                    + " host all others miss: more than the streams take tells failover alone. "
                    + "Default: ${DEFAULT-VALUE}.")
    private double restartAfterSeconds;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description = "A setting of the cluster by its full path; may be given several times.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    int nodes() {
        return nodes;
    }

    int replicas() {
        return replicas;
    }

    boolean json() {
        return json;
    }

    StreamLoad load() {
        return new StreamLoad(streams, promptTokens, tokens, vocabulary, seed);
    }

    /** Says what begins, for replays. */
    void announce() {
        System.err.println("seed " + seed + "; starting " + (nodes + 2) + " processes ...");
    }

    /** Of {@code local-cluster}. */
    List<String> flags() {
        final List<String> flags = new ArrayList<>(List.of(
                "--nodes",
                Integer.toString(nodes),
                "--replicas",
                Integer.toString(replicas),
                "--restart-after",
                Double.toString(restartAfterSeconds)));
        if (model != null) {
            flags.addAll(List.of("--model", model));
        }
        if (loss != 0) {
            flags.addAll(ClusterProcesses.lossy(loss, seed));
        }
        settings.forEach(setting -> flags.add("-D" + setting));
        return flags;
    }
}
