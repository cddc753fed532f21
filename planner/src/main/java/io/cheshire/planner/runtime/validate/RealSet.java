package io.cheshire.planner.runtime.validate;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.runtime.validate.PredictionFile.Prediction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * V4: the exact fidelity against the real engine, cell by cell. All is predicted before anything is measured. What was
 * measured is kept at once, and a later call goes on with what is missing.
 */
final class RealSet {
    private static final double MEDIAN = 0.5;
    private static final double NS_PER_MINUTE = 60e9;

    private final Calibration calibration;
    private final String calibrationHash;
    private final Path model;
    private final Machine machine;
    private final Store store;
    private final Limits limits;
    private final Consumer<String> progress;

    /**
     * What is measured on.
     *
     * @param starter of servers
     * @param probeNs how fast the machine is at the moment: the time of the same work
     */
    record Machine(LiveServer.Starter starter, LongSupplier probeNs) {}

    /** Takes what was measured. */
    @FunctionalInterface
    interface Keep {
        void keep(List<ValidationCell> cells) throws IOException;
    }

    /**
     * Where results are.
     *
     * @param directory of the levels' files
     * @param keep      called after each cell
     */
    record Store(Path directory, Keep keep) {}

    /**
     * How much is measured.
     *
     * @param blocks  that count, of each cell
     * @param minutes after which no further cell is begun
     * @param warmNs  load before a deployment's first cell, for compilers
     * @param again   measure and predict what was measured before, too
     */
    record Limits(int blocks, double minutes, long warmNs, boolean again) {}

    /** One cell, and what is predicted of it. */
    private record Cell(LiveScenario scenario, String words, Prediction prediction) {}

    RealSet(
            final Calibration calibration,
            final String calibrationHash,
            final Path model,
            final Machine machine,
            final Store store,
            final Limits limits,
            final Consumer<String> progress) {
        this.calibration = calibration;
        this.calibrationHash = calibrationHash;
        this.model = model;
        this.machine = machine;
        this.store = store;
        this.limits = limits;
        this.progress = progress;
    }

    /**
     * Measures what is missing.
     *
     * @return cells that were measured and count
     */
    int run(final RealCells cells) throws IOException, InterruptedException {
        final long beganNs = System.nanoTime();
        final List<Cell> missing = new ArrayList<>();
        final Set<String> measured = new HashSet<>();
        for (final ValidationCell cell : ValidationStore.read(store.directory())) {
            measured.add(cell.scenario());
        }
        for (final RealCells.Group group : cells.groups()) {
            for (final Cell cell : predicted(group)) {
                if (limits.again() || !measured.contains(cell.words())) {
                    missing.add(cell);
                }
            }
        }
        progress.accept(missing.size() + " cells to measure; all are predicted");
        int counting = 0;
        int next = 0;
        while (next < missing.size() && !isOver(beganNs)) {
            final Deployment deployment = missing.get(next).scenario().deployment();
            int end = next;
            while (end < missing.size()
                    && missing.get(end).scenario().deployment().equals(deployment)) {
                end++;
            }
            counting += measure(deployment, missing.subList(next, end), beganNs);
            next = end;
        }
        return counting;
    }

    private boolean isOver(final long beganNs) {
        return (System.nanoTime() - beganNs) / NS_PER_MINUTE > limits.minutes();
    }

    /** A workload at a deployment: predictions that are there already stay, since a prediction is made once. */
    private List<Cell> predicted(final RealCells.Group group) throws IOException {
        final List<Cell> cells = new ArrayList<>();
        final SimLogs silence = SimLogs.silence();
        try {
            double knee = 0;
            for (final RealCells.Share share : group.shares()) {
                final Path file = store.directory().resolve("runs").resolve(group.file(share));
                Prediction found = limits.again() || !file.toFile().exists() ? null : PredictionFile.read(file);
                if (found == null || !found.calibration().equals(calibrationHash)) {
                    knee = share.isOfKnee() && knee == 0 ? group.knee(calibration, progress) : knee;
                    final LiveScenario scenario = group.scenario(share, knee);
                    PredictionFile.write(
                            file,
                            scenario,
                            group.words(share, scenario),
                            calibrationHash,
                            scenario.predicted(calibration));
                    found = PredictionFile.read(file);
                }
                cells.add(new Cell(group.scenario(found.rate(), found.count()), found.scenario(), found));
            }
        } finally {
            silence.close();
        }
        return cells;
    }

    private int measure(final Deployment deployment, final List<Cell> cells, final long beganNs)
            throws IOException, InterruptedException {
        progress.accept(deployment.words() + ": starts");
        final MeasuredBlocks blocks = new MeasuredBlocks(
                machine.probeNs(), Statistics.quantile(calibration.evidence().probeNs(), MEDIAN), progress);
        int counting = 0;
        try (LiveServer server = machine.starter().start(deployment, model, calibration)) {
            warm(server, cells.getFirst().scenario());
            for (final Cell cell : cells) {
                if (isOver(beganNs)) {
                    progress.accept("time is over; call it again for what is missing");
                    break;
                }
                counting += measure(cell, server, blocks) ? 1 : 0;
            }
        }
        return counting;
    }

    private void warm(final LiveServer server, final LiveScenario first) throws InterruptedException {
        final long beganNs = System.nanoTime();
        while (System.nanoTime() - beganNs < limits.warmNs()) {
            server.run(first.warmUp());
        }
        progress.accept(String.format(
                Locale.ROOT, "warm after %d s", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNs)));
    }

    private boolean measure(final Cell cell, final LiveServer server, final MeasuredBlocks blocks)
            throws IOException, InterruptedException {
        progress.accept(
                cell.words() + ": predicted, sha-256 " + cell.prediction().hash());
        try {
            server.run(cell.scenario().warmUp());
            final MeasuredBlocks.Measured measured = blocks.measure(
                    cell.words(),
                    cell.prediction().figures(),
                    new MeasuredBlocks.Note(
                            cell.prediction().hash(),
                            cell.scenario().deployment().isJudged()),
                    limits.blocks(),
                    () -> ComparedFigures.of(
                            cell.scenario().requests(),
                            server.run(cell.scenario().requests())));
            if (measured.counts()) {
                store.keep().keep(measured.cells());
                return true;
            }
            progress.accept("REFUSED: in no block did the machine's speed hold still, so nothing can be told; by all:");
            measured.cells()
                    .forEach(figure -> progress.accept(String.format(
                            Locale.ROOT,
                            "  %s: measured %.4g, predicted %.4g, %s",
                            figure.figure(),
                            figure.reference(),
                            figure.predicted(),
                            figure.note())));
        } catch (final IllegalStateException spoiled) {
            progress.accept("REFUSED: " + spoiled.getMessage());
        }
        return false;
    }
}
