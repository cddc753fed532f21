package io.cheshire.planner.runtime.validate;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.core.validation.ValidationPage;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.Strike;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cheshire plan validate}: predictions against real clusters, paced or not, and the page of all comparisons. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        subcommands = ValidateRealCommand.class,
        description =
                "Holds predictions against what is measured. Exit status: 0 compared; 1 refused, since the machine"
                        + " distorted what was measured; 2 wrong usage.")
public final class PlanValidateCommand implements Runnable {
    private static final long SECOND_NS = 1_000_000_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "say what: paced, real, episodes or page");
    }

    private int compared(final Path directory, final Comparison comparison) throws InterruptedException {
        final ValidationOutput output = new ValidationOutput(spec, directory);
        return output.guarded(() -> {
            final List<ValidationCell> cells = comparison.run(output::say);
            output.keep(cells);
            return !cells.isEmpty();
        });
    }

    /** A comparison. */
    private interface Comparison {
        List<ValidationCell> run(Consumer<String> progress) throws IOException, InterruptedException;
    }

    @Command(
            name = "paced",
            mixinStandardHelpOptions = true,
            description = "V3: a local cluster whose kernels are paced, for each number of nodes.")
    int paced(
            @Option(names = "--calibration", required = true, paramLabel = "FILE") final Path calibration,
            @Option(names = "--model", defaultValue = "models/cheshire-mini", paramLabel = "DIR") final Path model,
            @Option(names = "--nodes", defaultValue = "1,2,4", split = ",") final List<Integer> nodes,
            @Option(names = "--slower", defaultValue = "100", description = "times the calibration's kernels")
                    final double slower,
            @Option(
                            names = "--load",
                            defaultValue = "",
                            description = "rate, requests, prompt, output; such as 2,60,16,16")
                    final String load,
            @Option(names = "--out", defaultValue = "docs/planning-validation", paramLabel = "DIR") final Path out)
            throws InterruptedException {
        int worst = 0;
        for (final int count : nodes) {
            worst = Math.max(
                    worst,
                    compared(
                            out,
                            progress -> new PacedComparison(
                                            CalibrationStore.read(calibration),
                                            slower,
                                            model,
                                            out.resolve("runs"),
                                            progress)
                                    .compare(scenario(count, load))));
        }
        return worst;
    }

    @Command(
            name = "episodes",
            mixinStandardHelpOptions = true,
            description = "V5: a failure played in the exact fidelity against reports of chaos run --json.")
    int episodes(
            @Parameters(paramLabel = "REPORTS", description = "such as 'reports/kill-*.json'") final Path reports,
            @Option(names = "--calibration", required = true, paramLabel = "FILE") final Path calibration,
            @Option(names = "--kind", required = true, description = "KILL or SILENCE") final Strike.Kind kind,
            @Option(names = "--size", defaultValue = "4,2", description = "nodes, replicas", split = ",")
                    final List<Integer> size,
            @Option(names = "--lasting", defaultValue = "0", description = "seconds of a silence") final int seconds,
            @Option(names = "--plays", defaultValue = "10") final int plays,
            @Option(names = "--out", defaultValue = "docs/planning-validation", paramLabel = "DIR") final Path out)
            throws InterruptedException {
        final SimLogs silence = SimLogs.silence();
        try {
            return compared(out, progress -> {
                final Calibration read = CalibrationStore.read(calibration);
                final CellPlan plan = new CellPlan(
                        new CellPlan.Size(size.getFirst(), size.getLast(), 1, 0),
                        CellPlan.RouterLimits.of(2, (int) read.kvBlocks()),
                        CellPlan.Hosts.own(),
                        CellPlan.Link.asMeasured(),
                        CellPlan.Recovery.of(read));
                return new EpisodeComparison(plan, new StepTimes(read, read), plays, 1)
                        .compare(EpisodeComparison.matching(reports), kind, seconds * SECOND_NS, 12, 32);
            });
        } finally {
            silence.close();
        }
    }

    @Command(
            name = "page",
            mixinStandardHelpOptions = true,
            description = "Writes docs/planning-validation.md from the JSON files beside it.")
    int page(@Option(names = "--docs", defaultValue = "docs", paramLabel = "DIR") final Path docs) throws IOException {
        Files.write(
                docs.resolve("planning-validation.md"),
                ValidationPage.lines(ValidationStore.read(docs.resolve("planning-validation"))));
        return 0;
    }

    private static LiveScenario scenario(final int nodes, final String load) {
        final LoadOption given = LoadOption.parse(load);
        return new LiveScenario(
                new Deployment(nodes, true, 0), given.workload(), given.rate(), given.count(), 20_261_130);
    }
}
