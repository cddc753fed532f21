package io.cheshire.planner.runtime.exact;

import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.LoadJudge;
import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.step.StepTable;
import io.cheshire.planner.core.step.StrikeFit;
import io.cheshire.planner.core.step.StrikeTimes;
import io.cheshire.planner.core.times.Stalls;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.episodes.Episode;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Plays one kind of failure again and again in the exact fidelity, each time beside the same run without it. */
public final class EpisodePlays {
    private static final List<Double> PROBABILITIES = List.of(0.0, 0.1, 0.5, 0.9, 0.99, 1.0);
    private static final double P90 = 0.9;

    private final CellPlan plan;
    private final StepTimes times;
    private final RowRouting routing;
    private final Load load;
    private final LoadJudge.Promise promise;
    private final List<Long> gaps = new ArrayList<>();
    private final List<Long> usualGaps = new ArrayList<>();
    /** The same with what stalls of the machine make of them. */
    private final List<Long> seenGaps = new ArrayList<>();

    private final List<Long> seenUsualGaps = new ArrayList<>();
    private final List<Long> whole = new ArrayList<>();
    private final List<StrikeFit.Played> played = new ArrayList<>();
    private final List<Long> late = new ArrayList<>();
    private final List<Long> spoiled = new ArrayList<>();

    /** What users ask meanwhile. */
    public record Load(
            double requestsPerSecond, int requests, PoissonStreams.Lengths prompts, PoissonStreams.Lengths outputs) {}

    public EpisodePlays(
            final CellPlan plan,
            final StepTimes times,
            final RowRouting routing,
            final Load load,
            final LoadJudge.Promise promise) {
        this.plan = plan;
        this.times = times;
        this.routing = routing;
        this.load = load;
        this.promise = promise;
    }

    /** Plays it so often; the seed decides what is struck, and when. */
    public Episode play(final Strike.Kind kind, final long lastingNs, final int plays, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final SplittableRandom chance = Chance.of(seed, Chance.Purpose.FAULTS, 0);
        final Stalls stalls = Stalls.of(times.router());
        for (int i = 0; i < plays; i++) {
            final long own = random.nextLong();
            final RequestStream requests =
                    PoissonStreams.of(load.requestsPerSecond, load.requests, load.prompts, load.outputs, own);
            final boolean router = kind == Strike.Kind.ROUTER_KILL;
            final int target =
                    random.nextInt(router ? plan.size().routers() : plan.size().nodes());
            final long atNs = requests.lastArrivalNs() / 4 + random.nextLong(requests.lastArrivalNs() / 4 + 1);
            final ExactCell cell = new ExactCell(plan, times, routing);
            final CellOutcome calm = cell.run(requests, List.of(), own).outcome();
            final Strike strike = new Strike(atNs, kind, target, lastingNs, 10);
            final ExactRun struck = cell.run(requests, List.of(strike), own);
            note(requests, calm, struck);
            played.add(new StrikeFit.Played(
                    requests,
                    strike,
                    struck.outcome().e2e().getMean() - calm.e2e().getMean(),
                    Math.max(0, gaps.getLast() - usualGaps.getLast()),
                    whole.getLast()));
            final long stallNs = stalls.longestNs(calm.lastEndNs(), chance);
            seenGaps.add(Math.max(stallNs, gaps.getLast()));
            seenUsualGaps.add(Math.max(stallNs, usualGaps.getLast()));
        }
        return new Episode(
                kind,
                plan.size(),
                load.requestsPerSecond,
                plays,
                quantiles(seenGaps),
                quantiles(seenUsualGaps),
                quantiles(whole),
                spoiled(late),
                spoiled(spoiled),
                "simulated, exact");
    }

    private void note(final RequestStream requests, final CellOutcome calm, final ExactRun struck) {
        final CellOutcome outcome = struck.outcome();
        gaps.add(outcome.itl().getMaxValue());
        usualGaps.add(calm.itl().getMaxValue());
        whole.add(struck.untilWholeNs());
        late.add(Math.max(0, lateTokens(outcome.itl()) - lateTokens(calm.itl())));
        spoiled.add(IntStream.range(0, requests.size())
                .filter(i -> LoadJudge.isKept(requests, calm, promise, i)
                        && !LoadJudge.isKept(requests, outcome, promise, i))
                .count());
    }

    private long lateTokens(final Histogram gapsOfRun) {
        return gapsOfRun.getTotalCount() - gapsOfRun.getCountBetweenValues(0, promise.itlNs());
    }

    /** What the step fidelity needs of what was played, fitted to its own table. */
    public void addTo(final StrikeTimes strikeTimes, final Strike.Kind kind, final StepTable table) {
        strikeTimes.add(
                kind,
                played.stream().mapToLong(StrikeFit.Played::stallNs).toArray(),
                played.stream().mapToLong(StrikeFit.Played::wholeNs).toArray(),
                new StrikeFit(plan, table, times).slowdown(played));
    }

    private static double at(final List<Long> values, final double probability) {
        return Statistics.quantile(values.stream().map(Long::doubleValue).toList(), probability);
    }

    private static Quantiles quantiles(final List<Long> values) {
        return new Quantiles(
                PROBABILITIES, PROBABILITIES.stream().map(p -> at(values, p)).toList());
    }

    private static Episode.Spoiled spoiled(final List<Long> values) {
        return new Episode.Spoiled(
                Arrays.stream(values.stream().mapToLong(Long::longValue).toArray())
                        .average()
                        .orElse(0),
                at(values, P90),
                at(values, 1));
    }
}
