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
import io.cheshire.planner.core.cost.AssumedCalibration;
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

/** Measures this machine, stage by stage, and fits what it saw. One run; one thread. */
final class Calibrator {
    private static final double PERCENT = 100;
    private static final int ENGINE_CONTEXT = 512;
    /** A speed that moved more than this is told. */
    private static final double STEADY = 0.05;
    /** A correction beyond this is told. */
    private static final double EXPLAINED = 0.25;

    private static final List<Double> SHARES = List.of(0.1, 0.25, 0.5, 0.75, 0.9, 0.99);

    private final Settings settings;
    private final ProcessConfig config;
    private final CalibrationBudget budget;
    private final Stages stages;
    private final SpeedProbe probe = new SpeedProbe();
    private final List<Double> probesNs = new ArrayList<>();
    private final Map<Quantity, Fitted> fitted = new EnumMap<>(Quantity.class);
    private final Map<Spread, Quantiles> spreads = new EnumMap<>(Spread.class);
    private final List<String> warnings = new ArrayList<>();
    private Map<Quantity, Double> corrections = Map.of();

    Calibrator(final Settings settings, final CalibrationBudget budget, final Stages stages) {
        this.settings = settings;
        this.config = settings.read(ProcessConfig::alone);
        this.budget = budget;
        this.stages = stages;
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
            fitted.put(
                    Quantity.EXCHANGE,
                    Fitted.plane(
                            stages.require(Stage.EXCHANGE, () -> ExchangeTimes.measure(model.hiddenSize(), budget))));
            probe();
            served = stages.require(Stage.SERVER, () -> ServedTimes.measure(settings, budget));
            fitted.put(Quantity.INGEST, Fitted.plane(served.ingest()));
            fitted.put(Quantity.STREAM, Fitted.table(served.stream()));
        }
        spreads.put(Spread.PAUSE, quantiles(pauses.lengthsNs()));
        spreads.put(Spread.BETWEEN_PAUSES, quantiles(pauses.betweenNs()));
        cluster(directory, model);
        probe();
        judgeSpeed();
        return calibration(model, fingerprint, served.kvBlocks());
    }

    private void cluster(final Path directory, final ModelConfig model) throws InterruptedException {
        final ClusterTimes cluster = new ClusterTimes(model.vocabSize(), warmLoadNs(), budget, stages);
        stages.attempt(Stage.CLUSTER, Stage.END, () -> cluster.measure(directory));
        measuredOrAssumed(Spread.DETECT_DEATH, cluster.deathsNs(), budget.kills(), "nodes were killed");
        measuredOrAssumed(Spread.RESTART, cluster.restartsNs(), budget.kills(), "nodes were started again");
        measuredOrAssumed(Spread.DETECT_SILENCE, cluster.silencesNs(), budget.stops(), "nodes were stopped");
        measuredOrAssumed(Spread.PUBLISH, cluster.publishesNs(), budget.moves(), "units were moved");
        warnings.addAll(stages.warnings());
    }

    private void measuredOrAssumed(final Spread spread, final List<Double> ns, final int wanted, final String what) {
        spreads.put(spread, ns.isEmpty() ? AssumedCalibration.spread(spread) : quantiles(ns));
        if (ns.size() < wanted) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s: %d of %d %s%s",
                    spread,
                    ns.size(),
                    wanted,
                    what,
                    ns.isEmpty() ? "; its times are ASSUMED, those of a plan without a calibration" : ""));
        }
    }

    private void kernels(final Checkpoint checkpoint, final Path directory) throws IOException, InterruptedException {
        final KernelTimes kernels = stages.require(Stage.KERNELS, () -> {
            try (KernelTimes measured = new KernelTimes(config, checkpoint, budget)) {
                measured.units();
                measured.router();
                return measured;
            }
        });
        fitted.put(Quantity.FFN, Fitted.table(kernels.samples(Quantity.FFN)));
        fitted.put(Quantity.PROJECTIONS, Fitted.table(kernels.samples(Quantity.PROJECTIONS)));
        fitted.put(Quantity.HEAD, Fitted.table(kernels.samples(Quantity.HEAD)));
        fitted.put(Quantity.ATTENTION_DECODE, Fitted.plane(kernels.samples(Quantity.ATTENTION_DECODE)));
        fitted.put(Quantity.ATTENTION_PREFILL, Fitted.plane(kernels.samples(Quantity.ATTENTION_PREFILL)));
        loads(kernels.samples(Quantity.LOAD_WARM).getFirst(), directory);
        fitted.put(
                Quantity.SAMPLER,
                Fitted.plane(stages.require(
                        Stage.SAMPLER,
                        () -> SamplerTimes.measure(checkpoint.config().vocabSize(), budget))));
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
        final EngineTimes engine = stages.require(
                Stage.ENGINE,
                () -> EngineTimes.measure(engineConfig(model), model, budget, stages.deadlineNs(Stage.ENGINE)));
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
}
