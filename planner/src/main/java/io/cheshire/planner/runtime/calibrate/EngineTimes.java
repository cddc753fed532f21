package io.cheshire.planner.runtime.calibrate;

import io.cheshire.benchmarks.engine.core.Activity;
import io.cheshire.benchmarks.engine.core.EngineCase;
import io.cheshire.benchmarks.engine.core.Interval;
import io.cheshire.benchmarks.engine.core.Mode;
import io.cheshire.benchmarks.engine.core.Round;
import io.cheshire.benchmarks.engine.core.Tally;
import io.cheshire.benchmarks.engine.runtime.EngineBench;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.protocol.calibration.Fit;
import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.planner.core.calibrate.Sample;
import io.cheshire.planner.core.calibrate.Statistics;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The whole engine with a ledger of where its time goes ({@code bench engine}): what a step costs beside its kernels,
 * and how much longer kernels take in it than by themselves.
 */
final class EngineTimes {
    /** Beyond these a correction would hide that something is wrong. */
    private static final double LEAST = 0.5;

    private static final double MOST = 2;
    private static final int MOST_TIMES = 4;
    /** No time begins without so many times as long as the one before took. */
    private static final int SAFE = 2;

    private static final int PROMPT = 32;
    private static final int GENERATE = 48;
    private static final int[] BATCHES = {1, 4, 16};

    private final List<Round> rounds;
    private final double positionBytes;

    private EngineTimes(final List<Round> rounds, final ModelConfig model, final Precision precision) {
        this.rounds = List.copyOf(rounds);
        this.positionBytes = 2.0 * model.kvWidth() * precision.rowDtype().bytes();
    }

    /**
     * Measures, and again so long as there is time: what ran first was not compiled yet, so the last time counts.
     *
     * @param endNs until when, by {@link System#nanoTime()}
     */
    static EngineTimes measure(
            final ProcessConfig config, final ModelConfig model, final CalibrationBudget budget, final long endNs)
            throws InterruptedException {
        final List<EngineCase> cases = new ArrayList<>();
        for (final int batch : BATCHES) {
            cases.add(new EngineCase(PROMPT, GENERATE, batch));
        }
        List<Round> rounds = List.of();
        long tookNs = 0;
        for (int time = 0; time < MOST_TIMES && (time == 0 || endNs - System.nanoTime() > SAFE * tookNs); time++) {
            final long beganNs = System.nanoTime();
            rounds = new EngineBench(
                            config, cases, List.of(Mode.TRANSPORT), budget.engineRounds(), 1, EngineTimes::unread)
                    .runRounds();
            tookNs = System.nanoTime() - beganNs;
        }
        return new EngineTimes(rounds, model, config.model().precision());
    }

    /** By sequences of a step. */
    List<Sample> steps() {
        final Samples samples = new Samples();
        for (final Round round : rounds) {
            final Interval decode = round.decode();
            final double steps = decode.count(Tally.STEPS);
            if (steps > 0) {
                final double sequences = Math.max(1, Math.rint(decode.count(Tally.HEAD_ROWS) / steps));
                samples.add(sequences, 0, nanos(decode, Activity.ENGINE, Activity.DEVICE_JOBS, Activity.EMBED) / steps);
            }
        }
        return samples.all();
    }

    private static double nanos(final Interval interval, final Activity... activities) {
        double sum = 0;
        for (final Activity activity : activities) {
            sum += interval.splits().stream()
                    .mapToLong(split -> split.nanos(activity))
                    .sum();
        }
        return sum;
    }

    /** By how much the kernels' own times must be multiplied so that they are what the ledger says: medians. */
    Map<Quantity, Double> corrections(final Map<Quantity, Fit> fits) {
        final Map<Quantity, List<Double>> factors = new EnumMap<>(Quantity.class);
        for (final Round round : rounds) {
            final Interval at = round.decode();
            final double layers = at.count(Tally.LAYER_CALLS);
            final double steps = at.count(Tally.STEPS);
            final double calls = at.count(Tally.UNIT_CALLS);
            if (layers == 0 || steps == 0 || calls == 0) {
                continue;
            }
            final double sampled = at.count(Tally.HEAD_ROWS) / steps;
            note(
                    factors,
                    fits,
                    Quantity.FFN,
                    nanos(at, Activity.EXPERT_COMPUTE) / calls,
                    at.count(Tally.UNIT_ROWS) / calls,
                    0);
            note(
                    factors,
                    fits,
                    Quantity.PROJECTIONS,
                    nanos(at, Activity.QKV, Activity.OUTPUT, Activity.GATE, Activity.COMBINE) / layers,
                    at.count(Tally.LAYER_ROWS) / layers,
                    0);
            note(
                    factors,
                    fits,
                    Quantity.ATTENTION_DECODE,
                    nanos(at, Activity.APPEND, Activity.ATTEND) / layers,
                    at.count(Tally.KV_BYTES) / positionBytes / layers,
                    at.count(Tally.LAYER_ROWS) / layers);
            note(factors, fits, Quantity.HEAD, nanos(at, Activity.HEAD) / steps, sampled, 0);
        }
        final Map<Quantity, Double> medians = new EnumMap<>(Quantity.class);
        factors.forEach(
                (quantity, all) -> medians.put(quantity, Math.clamp(Statistics.quantile(all, 0.5), LEAST, MOST)));
        return medians;
    }

    private static void note(
            final Map<Quantity, List<Double>> factors,
            final Map<Quantity, Fit> fits,
            final Quantity quantity,
            final double measuredNs,
            final double first,
            final double second) {
        final Fit fit = fits.get(quantity);
        final double predicted = fit == null ? 0 : fit.ns(first, second);
        if (predicted > 0 && measuredNs > 0) {
            factors.computeIfAbsent(quantity, none -> new ArrayList<>()).add(measuredNs / predicted);
        }
    }

    /** Nobody reads of code that is being warmed up. */
    private static void unread(final String line) {}
}
