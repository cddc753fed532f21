package io.cheshire.planner.runtime.validate;

import io.cheshire.chaos.process.ClusterProcesses;
import io.cheshire.chaos.runtime.JsonClient;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.model.runtime.calibration.CalibrationStore;
import io.cheshire.planner.core.validation.ValidationCell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * V3: the exact fidelity against a real cluster whose kernels are paced: first the prediction, then the run. Kernels
 * are made slow enough that the processes hardly need the machine's cores.
 */
final class PacedComparison {
    private static final double LIMIT = 0.03;
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final Set<Quantity> PACED = Set.of(
            Quantity.FFN, Quantity.PROJECTIONS, Quantity.ATTENTION_DECODE, Quantity.ATTENTION_PREFILL, Quantity.HEAD);

    private final Calibration calibration;
    private final Path model;
    private final Path directory;
    private final Consumer<String> progress;

    /** @param slower how many times as long as measured kernels take */
    PacedComparison(
            final Calibration measured,
            final double slower,
            final Path model,
            final Path directory,
            final Consumer<String> progress) {
        final Map<Quantity, Fit> fits = new EnumMap<>(measured.fits());
        fits.replaceAll((quantity, fit) -> PACED.contains(quantity) ? fit.times(slower) : fit);
        this.calibration = measured.withFits(fits);
        this.model = model;
        this.directory = directory;
        this.progress = progress;
    }

    /**
     * Compares.
     *
     * @return one cell a figure; empty where the run was distorted
     */
    List<ValidationCell> compare(final LiveScenario scenario) throws IOException, InterruptedException {
        final Path file = directory.resolve("paced-by.json").toAbsolutePath();
        Files.createDirectories(directory);
        CalibrationStore.write(calibration, file);
        final String words = scenario.words("paced");
        final ComparedFigures predicted = scenario.predicted(calibration);
        final String hash = PredictionFile.write(
                directory.resolve("prediction-paced-" + scenario.deployment().nodes() + ".json"),
                scenario,
                words,
                PredictionFile.sha256(file),
                predicted);
        progress.accept(words + ": predicted, sha-256 " + hash);
        final ClusterProcesses cluster = ClusterProcesses.start(
                START,
                List.of(
                        "--nodes",
                        Integer.toString(scenario.deployment().nodes()),
                        "--replicas",
                        Integer.toString(scenario.deployment().replicas()),
                        "--model",
                        model.toString(),
                        "-Dcheshire.device.kernels=paced",
                        "-Dcheshire.device.paced-by=" + file));
        try {
            cluster.awaitWhole(
                    scenario.deployment().nodes(), scenario.deployment().replicas(), START);
            final ComparedFigures measured = measure(cluster, scenario);
            final List<String> late = new ArrayList<>();
            late.add(distortion(cluster, "router"));
            for (int node = 0; node < scenario.deployment().nodes(); node++) {
                late.add(distortion(cluster, "expert-node-" + node));
            }
            late.removeIf(String::isEmpty);
            if (!late.isEmpty()) {
                progress.accept("REFUSED, since kernels were too late: " + String.join("; ", late));
                return List.of();
            }
            return cells(words, measured, predicted, "predicted before, sha-256 " + hash);
        } finally {
            cluster.close(STOP);
        }
    }

    private ComparedFigures measure(final ClusterProcesses cluster, final LiveScenario scenario)
            throws IOException, InterruptedException {
        final String name =
                cluster.api().get("/v1/models").ok().at("/data/0/id").asText();
        try (LiveLoad load = new LiveLoad(
                cluster.apiPort(), name, calibration.origin().shape().vocabSize(), scenario.seed())) {
            load.run(scenario.warmUp());
            return ComparedFigures.of(scenario.requests(), MeasuredOutcome.of(load.run(scenario.requests())));
        }
    }

    private static List<ValidationCell> cells(
            final String words, final ComparedFigures measured, final ComparedFigures predicted, final String note) {
        final List<ValidationCell> cells = new ArrayList<>();
        measured.byName()
                .forEach((figure, value) -> cells.add(
                        new ValidationCell("V3", words, figure, value, predicted.figure(figure), LIMIT, note)));
        return cells;
    }

    /** Why a process's run doesn't count; empty where it does. */
    private static String distortion(final ClusterProcesses cluster, final String process)
            throws IOException, InterruptedException {
        try (JsonClient ops = new JsonClient(cluster.opsPort(process))) {
            double valid = 0;
            double ratio = Double.NaN;
            for (final String line : ops.get("/metrics").text().lines().toList()) {
                final String value = line.substring(line.lastIndexOf(' ') + 1);
                if (line.startsWith("cheshire_paced_valid")) {
                    valid = Double.parseDouble(value);
                } else if (line.startsWith("cheshire_paced_lateness_step_ratio")) {
                    ratio = Double.parseDouble(value);
                }
            }
            return valid == 1 ? "" : String.format(Locale.ROOT, "%s by %.0f %% of a step", process, 100 * ratio);
        }
    }
}
