package io.cheshire.planner.runtime.calibrate;

import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Evidence;
import io.cheshire.model.protocol.calibration.Calibration.Origin;
import io.cheshire.model.protocol.calibration.Calibration.Point;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Shape;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.model.runtime.checkpoint.Checkpoint;
import io.cheshire.ops.runtime.BuildInfo;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.ops.runtime.process.HostMachine;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.planner.core.calibrate.Fitted;
import io.cheshire.planner.core.calibrate.Sample;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.router.runtime.engine.EngineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** Measures this machine, part by part, and fits what it saw. One run; one thread, which is the kernels' device. */
final class Calibrator {
    private static final double NS_PER_SECOND = 1e9;
    private static final double PERCENT = 100;
    private static final int ENGINE_CONTEXT = 512;
    /** A speed that moved more than this is told. */
    private static final double STEADY = 0.05;
    /** A correction beyond this is told. */
    private static final double EXPLAINED = 0.25;

    private static final List<Double> SHARES = List.of(0.1, 0.25, 0.5, 0.75, 0.9, 0.99);

    /** Medians and worst cases of the reports in docs/performance.md, for those who can't wait for a cluster. */
    private static final Map<Spread, Quantiles> UNMEASURED = Map.of(
            Spread.DETECT_DEATH,
            new Quantiles(List.of(0.5, 1.0), List.of(94e6, 180e6)),
            Spread.DETECT_SILENCE,
            new Quantiles(List.of(0.5, 1.0), List.of(225e6, 400e6)),
            Spread.PUBLISH,
            new Quantiles(List.of(0.5, 1.0), List.of(60e6, 300e6)));

    private final Settings settings;
    private final ProcessConfig config;
    private final CalibrationBudget budget;
    private final Consumer<String> progress;
    private final long beganNs = System.nanoTime();
    private final SpeedProbe probe = new SpeedProbe();
    private final List<Double> probesNs = new ArrayList<>();
    private final Map<Quantity, Fitted> fitted = new EnumMap<>(Quantity.class);
    private final Map<Spread, Quantiles> spreads = new EnumMap<>(Spread.class);
    private final List<String> warnings = new ArrayList<>();
    private Map<Quantity, Double> corrections = Map.of();

    Calibrator(final Settings settings, final CalibrationBudget budget, final Consumer<String> progress) {
        this.settings = settings;
        this.config = settings.read(ProcessConfig::alone);
        this.budget = budget;
        this.progress = progress;
    }

    Calibration run() throws IOException, InterruptedException {
        final Path directory = config.model().directory();
        final PauseMeter pauses = new PauseMeter();
        final ServedTimes served;
        final ModelConfig model;
        final String fingerprint;
        try (pauses;
                Checkpoint checkpoint = Checkpoint.open(directory)) {
            model = checkpoint.config();
            fingerprint = checkpoint.fingerprint();
            probe();
            kernels(checkpoint, directory);
            probe();
            engine(model);
            probe();
            say("round trips between two processes");
            fitted.put(Quantity.EXCHANGE, Fitted.plane(ExchangeTimes.measure(model.hiddenSize(), budget)));
            probe();
            say("a server and its client");
            served = ServedTimes.measure(settings, budget);
            fitted.put(Quantity.INGEST, Fitted.plane(served.ingest()));
            fitted.put(Quantity.STREAM, Fitted.table(List.of(served.stream())));
        }
        spreads.put(Spread.PAUSE, quantiles(pauses.lengthsNs()));
        spreads.put(Spread.BETWEEN_PAUSES, quantiles(pauses.betweenNs()));
        if (budget.kills() == 0) {
            spreads.putAll(UNMEASURED);
            warnings.add("no cluster was started (--quick): times of detection and of epochs are those that"
                    + " docs/performance.md has of another machine");
        } else {
            cluster(directory, model);
        }
        probe();
        judgeSpeed();
        return calibration(model, fingerprint, served.kvBlocks());
    }

    private void cluster(final Path directory, final ModelConfig model) throws IOException, InterruptedException {
        say("a cluster that loses nodes");
        final ClusterTimes cluster =
                ClusterTimes.measure(directory, model.vocabSize(), warmLoadNs(), budget, this::say);
        spreads.put(Spread.DETECT_DEATH, quantiles(cluster.deathsNs()));
        spreads.put(Spread.DETECT_SILENCE, quantiles(cluster.silencesNs()));
        spreads.put(Spread.PUBLISH, quantiles(cluster.publishesNs()));
    }

    private void kernels(final Checkpoint checkpoint, final Path directory) throws IOException {
        say("kernels, " + config.device().threads().count() + " threads");
        try (KernelTimes kernels = new KernelTimes(config, checkpoint, budget)) {
            kernels.units();
            kernels.router();
            fitted.put(Quantity.FFN, Fitted.table(kernels.samples(Quantity.FFN)));
            fitted.put(Quantity.PROJECTIONS, Fitted.table(kernels.samples(Quantity.PROJECTIONS)));
            fitted.put(Quantity.HEAD, Fitted.table(kernels.samples(Quantity.HEAD)));
            fitted.put(Quantity.ATTENTION_DECODE, Fitted.plane(kernels.samples(Quantity.ATTENTION_DECODE)));
            fitted.put(Quantity.ATTENTION_PREFILL, Fitted.plane(kernels.samples(Quantity.ATTENTION_PREFILL)));
            loads(kernels.samples(Quantity.LOAD_WARM).getFirst(), directory);
        }
        say("the sampler");
        fitted.put(
                Quantity.SAMPLER,
                Fitted.plane(SamplerTimes.measure(checkpoint.config().vocabSize(), budget)));
    }

    private void loads(final Sample warm, final Path directory) throws IOException {
        fitted.put(Quantity.LOAD_WARM, Fitted.rate(warm));
        final OptionalDouble disk = DiskTimes.nsPerByte(directory);
        if (disk.isEmpty()) {
            warnings.add("the disk can't be read past the page cache: cold loads are as warm ones");
        }
        final double perByte = disk.orElse(0);
        fitted.put(
                Quantity.LOAD_COLD,
                Fitted.rate(new Sample(
                        warm.first(),
                        0,
                        warm.ns().stream()
                                .map(ns -> ns + perByte * warm.first())
                                .toList())));
    }

    private void engine(final ModelConfig model) throws InterruptedException {
        say("the engine");
        final EngineTimes engine = EngineTimes.measure(engineConfig(model), model, budget, line -> {});
        fitted.put(Quantity.STEP, Fitted.plane(engine.steps()));
        corrections = engine.corrections(fits());
        corrections.forEach((quantity, factor) -> {
            fitted.computeIfPresent(quantity, (same, alone) -> alone.times(factor));
            if (Math.abs(factor - 1) > EXPLAINED) {
                warnings.add(String.format(
                        Locale.ROOT,
                        "the model doesn't explain %s: in the engine it takes %.2f times as long as by itself",
                        quantity,
                        factor));
            }
        });
    }

    /** No prompt may be answered from an earlier round's. */
    private ProcessConfig engineConfig(final ModelConfig model) {
        return settings.with(Map.of(
                        EngineConfig.SECTION + ".kv.prefix-cache",
                        false,
                        EngineConfig.SECTION + ".context-limit",
                        Math.min(model.maxPositionEmbeddings(), ENGINE_CONTEXT)))
                .read(ProcessConfig::alone);
    }

    private Map<Quantity, Fit> fits() {
        final Map<Quantity, Fit> fits = new EnumMap<>(Quantity.class);
        fitted.forEach((quantity, fit) -> fits.put(quantity, fit.fit()));
        return fits;
    }

    private double warmLoadNs() {
        final Fit.Plane warm = (Fit.Plane) fits().get(Quantity.LOAD_WARM);
        return warm == null ? 0 : warm.ns(warm.maxFirst(), 0);
    }

    private void probe() {
        probesNs.add((double) probe.takeNs());
    }

    private void judgeSpeed() {
        final double least = Statistics.quantile(probesNs, 0);
        final double most = Statistics.quantile(probesNs, 1);
        if (most / least - 1 > STEADY) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "the machine's speed moved by %.0f %% while it was measured: give it less to do, or repeat",
                    PERCENT * (most / least - 1)));
        }
    }

    private static Quantiles quantiles(final List<Double> ns) {
        return new Quantiles(
                SHARES,
                SHARES.stream().map(share -> Statistics.quantile(ns, share)).toList());
    }

    private Calibration calibration(final ModelConfig model, final String fingerprint, final long kvBlocks) {
        final Map<Quantity, List<Point>> points = new EnumMap<>(Quantity.class);
        fitted.forEach((quantity, fit) -> points.put(quantity, fit.points()));
        return new Calibration(
                Calibration.FORMAT,
                new Origin(
                        false,
                        BuildInfo.own().commit(),
                        HostMachine.name(),
                        config.device().threads().count(),
                        Runtime.version().toString(),
                        LocalDate.now(ZoneOffset.UTC).toString(),
                        fingerprint,
                        Shape.of(model),
                        config.model().precision().name()),
                fits(),
                spreads,
                kvBlocks,
                warnings,
                new Evidence(points, probesNs, corrections));
    }

    private void say(final String what) {
        progress.accept(
                String.format(Locale.ROOT, "[%5.1f s] %s", (System.nanoTime() - beganNs) / NS_PER_SECOND, what));
    }
}
