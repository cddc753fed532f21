package io.cheshire.planner.runtime.validate;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.runtime.calibrate.SpeedProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code plan validate real}. */
@Command(
        name = "real",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "V4: the real engine, in one process or as a local cluster. Each cell is run in blocks of probe,"
                + " run, probe, run again, probe; what was measured before is left out.")
final class ValidateRealCommand implements Callable<Integer> {
    private static final long SECOND_NS = 1_000_000_000;
    private static final long SEED = 20_261_130;
    private static final int LEAST_REQUESTS = 100;
    private static final int MOST_REQUESTS = 2_000;
    private static final double PERCENT = 100;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before anything runs
    private CommandSpec spec;

    @Option(names = "--calibration", required = true, paramLabel = "FILE", description = "of this machine")
    private Path calibration = Path.of("");

    @Option(
            names = "--model",
            defaultValue = "models/cheshire-mini",
            paramLabel = "DIR",
            description = "what is served (${DEFAULT-VALUE})")
    private Path model = Path.of("");

    @Option(
            names = "--nodes",
            defaultValue = "0",
            split = ",",
            description = "expert nodes, each a process of a local cluster; 0: all in one process (${DEFAULT-VALUE})")
    private List<Integer> nodes = List.of(0);

    @Option(
            names = "--traces",
            paramLabel = "DIR",
            description = "where the traces of Azure (*conv.csv, *code.csv) and Mooncake (mooncake*) are: they and"
                    + " bursts are asked for instead of --load")
    private @Nullable Path traces;

    @Option(
            names = "--workloads",
            split = ",",
            description = "some of azure-conversation, azure-code, mooncake, bursts; default: all there are")
    private List<String> workloads = List.of();

    @Option(
            names = "--shares",
            defaultValue = "30,60,85,95,120",
            split = ",",
            description = "of the predicted knee, percent: the rates at which traces are played (${DEFAULT-VALUE})")
    private List<Double> shares = List.of();

    @Option(
            names = "--load",
            defaultValue = "",
            description = "rate, requests, prompt, output; such as 2,60,16,16: without --traces")
    private String load = "";

    @Option(names = "--seconds", defaultValue = "12", description = "of a run of a trace (${DEFAULT-VALUE})")
    private double seconds;

    @Option(names = "--blocks", defaultValue = "6", description = "that count, of each cell (${DEFAULT-VALUE})")
    private int blocks;

    @Option(
            names = "--warm",
            defaultValue = "20",
            description = "seconds of load before a deployment's first cell (${DEFAULT-VALUE})")
    private long warmSeconds;

    @Option(
            names = "--minutes",
            defaultValue = "1000000",
            description = "after so many no further cell is begun; the next call goes on (default: no limit)")
    private double minutes;

    @Option(names = "--again", description = "predict and measure again what was measured")
    private boolean again;

    @Option(
            names = "--out",
            defaultValue = "docs/planning-validation",
            paramLabel = "DIR",
            description = "where results are (${DEFAULT-VALUE})")
    private Path out = Path.of("");

    @Override
    public Integer call() throws InterruptedException {
        final ValidationOutput output = new ValidationOutput(spec, out);
        return output.guarded(() -> {
            final Calibration read = CalibrationStore.read(calibration);
            final RealSet set = new RealSet(
                    read,
                    PredictionFile.sha256(calibration),
                    model,
                    new RealSet.Machine(LiveServers::start, new SpeedProbe()::takeNs),
                    new RealSet.Store(out, output::keep),
                    new RealSet.Limits(blocks, minutes, warmSeconds * SECOND_NS, again),
                    output::say);
            return set.run(cells(read)) > 0;
        });
    }

    private RealCells cells(final Calibration read) throws IOException {
        final List<Deployment> deployments = new ArrayList<>();
        for (final int count : nodes) {
            deployments.add(
                    count == 0
                            ? new Deployment(1, false, read.origin().threads())
                            : new Deployment(count, true, Runtime.getRuntime().availableProcessors()));
        }
        final Path directory = traces;
        if (directory == null) {
            final LoadOption given = LoadOption.parse(load);
            return RealCells.of(
                    deployments,
                    List.of(given.workload()),
                    List.of(new RealCells.Share(0, given.rate())),
                    new KneeFinder.Lengths(given.count() / given.rate(), given.count(), given.count()),
                    SEED);
        }
        if (shares.stream().anyMatch(share -> !(share > 0))) {
            throw new PlanRefused(List.of("--shares " + shares + ": each must be above 0"));
        }
        return RealCells.of(
                deployments,
                Workloads.in(directory, contextTokens(), workloads),
                shares.stream()
                        .map(share -> new RealCells.Share(share / PERCENT, 0))
                        .toList(),
                new KneeFinder.Lengths(seconds, LEAST_REQUESTS, MOST_REQUESTS),
                SEED);
    }

    private int contextTokens() throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(model)) {
            return checkpoint.config().maxPositionEmbeddings();
        }
    }
}
