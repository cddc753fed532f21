package io.cheshire.planner.runtime.validate;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.CalibrationException;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.DeviceConfig;
import io.cheshire.ops.runtime.process.ModelSettings;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.core.validation.ValidationPage;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.Strike;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cheshire plan validate}: predictions against real clusters, paced or not, and the page of all comparisons. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description =
                "Holds predictions against what is measured. Exit status: 0 compared; 1 refused, since the machine"
                        + " distorted what was measured; 2 wrong usage.")
public final class PlanValidateCommand implements Runnable {
    private static final int DISTORTED = 1;
    private static final int REFUSED = 2;
    private static final long SECOND_NS = 1_000_000_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(spec.commandLine(), "say what: paced, real, episodes or page");
    }

    /** A comparison. */
    private interface Comparison {
        List<ValidationCell> run() throws IOException, InterruptedException;
    }

    private int compared(final Path directory, final Comparison comparison) throws InterruptedException {
        final PrintWriter err = spec.commandLine().getErr();
        try {
            final List<ValidationCell> cells = comparison.run();
            for (final ValidationCell cell : cells) {
                ValidationStore.add(directory, cell);
                spec.commandLine()
                        .getOut()
                        .printf(
                                Locale.ROOT,
                                "%s %-18s measured %10.4g predicted %10.4g %+7.2f %% (limit %.0f %%)  %s%n",
                                cell.level(),
                                cell.figure(),
                                cell.reference(),
                                cell.predicted(),
                                100 * cell.error(),
                                100 * cell.limit(),
                                cell.note());
            }
            spec.commandLine().getOut().flush();
            return cells.isEmpty() ? DISTORTED : 0;
        } catch (final IOException wrong) {
            err.println("cheshire plan validate: " + wrong);
            err.flush();
            return REFUSED;
        } catch (final CalibrationException | PlanRefused | IllegalStateException wrong) {
            err.println("cheshire plan validate: " + wrong.getMessage());
            err.flush();
            return REFUSED;
        }
    }

    private void say(final String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
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
                            () -> new PacedComparison(
                                            CalibrationStore.read(calibration),
                                            slower,
                                            model,
                                            out.resolve("runs"),
                                            this::say)
                                    .compare(scenario(count, 0, load))));
        }
        return worst;
    }

    @Command(
            name = "real",
            mixinStandardHelpOptions = true,
            description = "V4: the real engine in one process, in blocks of probe, run, probe, run again, probe.")
    int real(
            @Option(names = "--calibration", required = true, paramLabel = "FILE") final Path calibration,
            @Option(names = "--model", defaultValue = "models/cheshire-mini", paramLabel = "DIR") final Path model,
            @Option(names = "--blocks", defaultValue = "6") final int blocks,
            @Option(names = "--nodes", defaultValue = "1") final int nodes,
            @Option(names = "--load", defaultValue = "") final String load,
            @Option(names = "--out", defaultValue = "docs/planning-validation", paramLabel = "DIR") final Path out)
            throws InterruptedException {
        return compared(out, () -> {
            final Calibration read = CalibrationStore.read(calibration);
            final int threads = read.origin().threads();
            final Settings settings = Settings.load(
                    null, Map.of(ModelSettings.DIRECTORY, model.toString(), DeviceConfig.THREADS, threads));
            return new RealComparison(settings, read, out.resolve("runs"), this::say)
                    .compare(scenario(nodes, threads, load), blocks);
        });
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
            return compared(out, () -> {
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

    /** Rate, requests, prompt and output; what isn't given is usual. */
    private static LiveScenario scenario(final int nodes, final int cores, final String load) {
        final String[] parts = load.isBlank() ? new String[0] : load.split(",", -1);
        final double[] figures = {2, 40, 16, 16};
        if (parts.length > figures.length) {
            throw new PlanRefused(List.of("--load " + load + " has more than rate, requests, prompt and output"));
        }
        for (int i = 0; i < parts.length; i++) {
            try {
                figures[i] = Double.parseDouble(parts[i].strip());
            } catch (final NumberFormatException wrong) {
                throw new PlanRefused(List.of("--load " + load + ": " + parts[i] + " is no number"));
            }
        }
        return new LiveScenario(
                nodes, cores, figures[0], (int) figures[1], (int) figures[2], (int) figures[3], 20_261_130);
    }
}
