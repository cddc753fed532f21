package io.cheshire.planner.runtime.validate;

import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.http.runtime.OpsConfig;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.SingleProcess;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.runtime.calibrate.SpeedProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * V4: the exact fidelity against the real engine in one process. Blocks of {@code probe, A, probe, B, probe}: A and B
 * are the same run twice, so that what differs between them is the machine's noise, below which no error can be told.
 * A block counts if the machine's speed held still during it; its times are divided by that speed.
 */
final class RealComparison {
    /** A speed that moved more than this spoils a block. */
    private static final double STEADY = 0.05;

    private static final double LIMIT = 0.05;
    private static final double TTFT_MS = 10;
    private static final long READY_NS = TimeUnit.MINUTES.toNanos(2);
    private static final long POLL_NS = 2_000_000;
    private static final double MEDIAN = 0.5;

    private final Settings settings;
    private final Calibration calibration;
    private final Path directory;
    private final Consumer<String> progress;
    private final SpeedProbe probe = new SpeedProbe();

    RealComparison(
            final Settings settings,
            final Calibration calibration,
            final Path directory,
            final Consumer<String> progress) {
        this.settings = settings;
        this.calibration = calibration;
        this.directory = directory;
        this.progress = progress;
    }

    /** One block: two runs, and how fast the machine was against the time of its calibration. */
    private record Block(ComparedFigures a, ComparedFigures b, double unsteady) {
        boolean counts() {
            return unsteady <= STEADY;
        }
    }

    /**
     * Compares.
     *
     * @param blocks that are run, whether they count or not
     * @return one cell a figure; empty if no block counts
     */
    List<ValidationCell> compare(final LiveScenario scenario, final int blocks)
            throws IOException, InterruptedException {
        final String words = scenario.words("real, one process");
        final ComparedFigures predicted = scenario.predicted(calibration);
        final String hash = PredictionFile.write(directory.resolve("prediction-real.json"), words, predicted);
        progress.accept(words + ": predicted, sha-256 " + hash);
        final ProcessConfig config = settings.with(
                        Map.of(ApiConfig.PORT, 0, OpsConfig.PORT, 0, ProcessConfig.NODES, scenario.nodes()))
                .read(ProcessConfig::alone);
        final List<Block> run = new ArrayList<>();
        try (SingleProcess server = SingleProcess.start(config, config.http(), Progress.NONE, new AtomicInteger())) {
            awaitReady(server);
            try (LiveLoad load = new LiveLoad(
                    server.router().api().port(),
                    server.model().name(),
                    server.model().config().vocabSize(),
                    scenario.seed())) {
                load.run(scenario.warmUp());
                for (int block = 0; block < blocks; block++) {
                    run.add(block(load, scenario));
                    progress.accept(String.format(
                            Locale.ROOT,
                            "block %d of %d: the machine's speed moved by %.1f %%%s",
                            block + 1,
                            blocks,
                            100 * run.getLast().unsteady(),
                            run.getLast().counts() ? "" : ", it doesn't count"));
                }
            }
        }
        final List<ValidationCell> cells = cells(words, predicted, run, hash);
        if (run.stream().noneMatch(Block::counts)) {
            cells.forEach(cell -> progress.accept(String.format(
                    Locale.ROOT,
                    "%s: measured %.4g, predicted %.4g, %s",
                    cell.figure(),
                    cell.reference(),
                    cell.predicted(),
                    cell.note())));
            progress.accept("REFUSED: in no block did the machine's speed hold still, so nothing can be told");
            return List.of();
        }
        return cells;
    }

    private static void awaitReady(final SingleProcess server) {
        final long deadlineNs = System.nanoTime() + READY_NS;
        while (!server.ready()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("the server has not loaded its units within two minutes");
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private Block block(final LiveLoad load, final LiveScenario scenario) throws InterruptedException {
        final double usualNs = Statistics.quantile(calibration.evidence().probeNs(), MEDIAN);
        final double before = probe.takeNs();
        final ComparedFigures a = ComparedFigures.of(load.run(scenario.requests()));
        final double between = probe.takeNs();
        final ComparedFigures b = ComparedFigures.of(load.run(scenario.requests()));
        final double after = probe.takeNs();
        final double least = Math.min(before, Math.min(between, after));
        final double most = Math.max(before, Math.max(between, after));
        return new Block(
                a.atSpeed(2 * usualNs / (before + between)),
                b.atSpeed(2 * usualNs / (between + after)),
                most / least - 1);
    }

    private static List<ValidationCell> cells(
            final String words, final ComparedFigures predicted, final List<Block> run, final String hash) {
        final List<Block> counting = run.stream().filter(Block::counts).toList();
        final List<Block> used = counting.isEmpty() ? run : counting;
        final List<ValidationCell> cells = new ArrayList<>();
        for (final String figure : predicted.byName().keySet()) {
            final List<Double> all = new ArrayList<>();
            final List<Double> noise = new ArrayList<>();
            for (final Block block : used) {
                final double a = block.a().byName().getOrDefault(figure, 0.0);
                final double b = block.b().byName().getOrDefault(figure, 0.0);
                all.add((a + b) / 2);
                noise.add(Math.abs(a / b - 1));
            }
            final double measured = Statistics.quantile(all, MEDIAN);
            cells.add(new ValidationCell(
                    "V4",
                    words,
                    figure,
                    measured,
                    predicted.byName().getOrDefault(figure, 0.0),
                    figure.contains("TTFT") ? Math.max(LIMIT, TTFT_MS / measured) : LIMIT,
                    String.format(
                            Locale.ROOT,
                            "A/A %.1f %%, %d of %d blocks steady%s, sha-256 %s",
                            100 * Statistics.quantile(noise, MEDIAN),
                            counting.size(),
                            run.size(),
                            counting.isEmpty() ? ": none, so all are shown" : "",
                            hash)));
        }
        return cells;
    }
}
