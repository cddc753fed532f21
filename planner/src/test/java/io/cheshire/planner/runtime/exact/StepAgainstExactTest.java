package io.cheshire.planner.runtime.exact;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.LoadJudge;
import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.step.StepCell;
import io.cheshire.planner.core.step.StepState;
import io.cheshire.planner.core.step.StepTable;
import io.cheshire.planner.core.step.StrikeTimes;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.core.validation.ValidationCell;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.testing.PlannerSamples;
import io.cheshire.planner.testing.ValidationFiles;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** V2: the step fidelity against the exact one, on the same requests. */
class StepAgainstExactTest {
    private static final double MEAN_LIMIT = 0.02;
    private static final double P99_LIMIT = 0.03;
    private static final int REQUESTS = 200;
    private static final int EPISODES = 3;
    private static final int RUNS = 3;
    private static final int LAYERS = 8;
    private static final int P99 = 99;

    private final List<ValidationCell> cells = new ArrayList<>();
    private SimLogs logs = SimLogs.silence();

    @BeforeEach
    void beSilent() {
        logs = SimLogs.silence();
    }

    @AfterEach
    void restore() {
        logs.close();
    }

    /** A configuration, by shares of its ranges. */
    private record Drawn(
            int nodes,
            int replicas,
            int routers,
            int lanes,
            double busy,
            int prompt,
            int output,
            double skew,
            Strike.@Nullable Kind kind) {
        /** @param shares eight of them, 0 to below 1 */
        static Drawn of(final double[] shares, final int number) {
            final int nodes = 2 + (int) (shares[0] * 7);
            final Strike.Kind kind = switch (number % 4) {
                case 1 -> Strike.Kind.KILL;
                case 3 -> Strike.Kind.SILENCE;
                default -> null;
            };
            return new Drawn(
                    nodes,
                    kind != null || shares[1] >= 0.5 ? 2 : 1,
                    1 + (int) (shares[2] * 2),
                    1 + (int) (shares[3] * 2),
                    1 + shares[4] * 24,
                    8 + (int) (shares[5] * 300),
                    10 + (int) (shares[6] * 110),
                    shares[7],
                    kind);
        }

        String words() {
            return "%d nodes, R%d, %d routers, %d lanes, %.0f busy, %d in, %d out, zipf %.2f%s"
                    .formatted(
                            nodes,
                            replicas,
                            routers,
                            lanes,
                            busy,
                            prompt,
                            output,
                            skew,
                            kind == null ? "" : ", " + kind);
        }
    }

    @Test
    void shouldStayCloseToTheExactFidelityWhereItIsSmall() {
        compare(new Drawn(3, 1, 1, 1, 6, 60, 30, 0.3, null), 120, 20261129);

        assertThat(cells)
                .allSatisfy(cell ->
                        assertThat(Math.abs(cell.error())).as("%s", cell).isLessThan(0.15));
    }

    /** Fifty points of a Latin hypercube: each range is cut into fifty parts, each of which is met once. */
    @Test
    @EnabledIfSystemProperty(named = "cheshire.test.long", matches = "true")
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void shouldBeMeasuredAgainstTheExactFidelityAllOverItsRange() {
        final int points = Integer.getInteger("cheshire.planner.v2.points", 50);
        final long seed = Long.getLong("cheshire.seed", 20261129);
        System.out.println("seed " + seed);
        final SplittableRandom random = new SplittableRandom(seed);
        final double[][] shares = new double[points][8];
        for (int range = 0; range < 8; range++) {
            final int[] order = shuffled(points, random);
            for (int point = 0; point < points; point++) {
                shares[point][range] = (order[point] + random.nextDouble()) / points;
            }
        }
        // Some of them again, by their numbers: -Dcheshire.planner.v2.only=3,17
        final String only = System.getProperty("cheshire.planner.v2.only", "");
        final Set<String> wanted = Set.of(only.split(","));
        int noted = 0;
        for (int point = 0; point < points; point++) {
            if (only.isEmpty() || wanted.contains(Integer.toString(point))) {
                compare(Drawn.of(shares[point], point), REQUESTS, seed + point);
                cells.subList(noted, cells.size()).forEach(ValidationFiles::note);
                noted = cells.size();
            }
        }
        assertThat(cells.stream()
                        .filter(cell -> cell.figure().startsWith("mean"))
                        .mapToDouble(cell -> Math.abs(cell.error()))
                        .average()
                        .orElse(1))
                .isLessThan(0.1);
    }

    private static int[] shuffled(final int count, final SplittableRandom random) {
        final int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            final int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }

    private void compare(final Drawn drawn, final int count, final long seed) {
        final CellPlan plan = PlannerSamples.cell(drawn.nodes(), drawn.replicas(), drawn.routers(), drawn.lanes());
        final StepTimes times = PlannerSamples.times(LAYERS);
        final RowRouting routing = ShareRouting.zipf(LAYERS, 16, drawn.skew());
        final StepTable table =
                new StepTable(times, new ExactSteps(plan, times, routing, seed), drawn.routers(), drawn.lanes(), 512);
        final double stepNs = table.at(new StepState(
                        Math.max(1, Integer.highestOneBit((int) (drawn.busy() / drawn.lanes()))), drawn.lanes(), 1, 0))
                .meanNs();
        final double rate = drawn.routers() * drawn.busy() * 1e9 / (drawn.output() * stepNs) * 0.8;
        final Lengths prompts = new Lengths(Math.max(1, drawn.prompt() / 2), drawn.prompt() * 3 / 2);
        final Lengths outputs = new Lengths(Math.max(2, drawn.output() / 2), drawn.output() * 3 / 2);
        final RequestStream requests = PoissonStreams.of(rate, count, prompts, outputs, seed);
        final StrikeTimes strikeTimes = new StrikeTimes();
        final List<Strike> strikes = new ArrayList<>();
        if (drawn.kind() != null) {
            final EpisodePlays plays = new EpisodePlays(
                    plan,
                    times,
                    routing,
                    new EpisodePlays.Load(rate, count, prompts, outputs),
                    new LoadJudge.Promise(1_000_000_000, 50_000_000));
            plays.play(drawn.kind(), 1_000_000_000, EPISODES, seed);
            plays.addTo(strikeTimes, drawn.kind(), table);
            strikes.add(new Strike(requests.lastArrivalNs() / 2, drawn.kind(), 0, 1_000_000_000, 1));
        }
        final ExactCell exactly = new ExactCell(plan, times, routing);
        final List<CellOutcome> exact = new ArrayList<>();
        final List<CellOutcome> step = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            final long own = seed + run * 1_000_003L;
            exact.add(exactly.run(requests, strikes, own).outcome());
            step.add(new StepCell(plan, table, times, requests, strikes, strikeTimes, new StepCell.Part(0, own)).run());
        }
        note(drawn, "ITL", exact, step, CellOutcome::itl);
        note(drawn, "TTFT", exact, step, CellOutcome::ttft);
        note(drawn, "E2E", exact, step, CellOutcome::e2e);
    }

    private void note(
            final Drawn drawn,
            final String figure,
            final List<CellOutcome> exact,
            final List<CellOutcome> step,
            final Function<CellOutcome, Histogram> histogram) {
        add(drawn, "mean " + figure, exact, step, run -> histogram.apply(run).getMean(), MEAN_LIMIT);
        add(drawn, "p99 " + figure, exact, step, run -> histogram.apply(run).getValueAtPercentile(P99), P99_LIMIT);
    }

    /** Both sides are left to chance, so what is compared is the mean of runs with seeds of their own. */
    private void add(
            final Drawn drawn,
            final String figure,
            final List<CellOutcome> exact,
            final List<CellOutcome> step,
            final ToDoubleFunction<CellOutcome> of,
            final double limit) {
        final DoubleSummaryStatistics seen = exact.stream().mapToDouble(of).summaryStatistics();
        final ValidationCell cell = new ValidationCell(
                "V2",
                drawn.words(),
                figure + ", ms",
                seen.getAverage() / 1e6,
                step.stream().mapToDouble(of).average().orElse(0) / 1e6,
                limit,
                "%d seeds; exact from %+.1f to %+.1f %% of their mean"
                        .formatted(
                                RUNS,
                                100 * (seen.getMin() / seen.getAverage() - 1),
                                100 * (seen.getMax() / seen.getAverage() - 1)));
        cells.add(cell);
    }
}
