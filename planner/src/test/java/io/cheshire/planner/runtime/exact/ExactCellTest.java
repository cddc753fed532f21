package io.cheshire.planner.runtime.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.DeviceUse;
import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.testing.PlannerSamples;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExactCellTest {
    private static final int LAYERS = 2;
    private static final long SEED = 20261129;
    private static final RequestStream REQUESTS =
            PoissonStreams.of(30, 60, new Lengths(5, 60), new Lengths(5, 40), SEED);

    private final StepTimes times = PlannerSamples.times(LAYERS);
    private SimLogs logs = SimLogs.silence();

    @BeforeEach
    void beSilent() {
        logs = SimLogs.silence();
    }

    @AfterEach
    void restore() {
        logs.close();
    }

    private ExactCell cell(final CellPlan plan) {
        return new ExactCell(plan, times, ShareRouting.uniform(LAYERS, 16));
    }

    @Test
    void shouldGiveEveryTokenAndTheSameTimesForTheSameSeed() {
        final ExactCell cell = cell(PlannerSamples.cell(3, 1, 1, 2));

        final ExactRun first = cell.run(REQUESTS, List.of(), SEED);
        final ExactRun second = cell.run(REQUESTS, List.of(), SEED);

        assertThat(first.outcome().finished()).isEqualTo(REQUESTS.size());
        assertThat(first.outcome().tokens()).isEqualTo(REQUESTS.outputTokens());
        assertThat(first.outcome().itl()).isEqualTo(second.outcome().itl());
        assertThat(first.outcome().e2e()).isEqualTo(second.outcome().e2e());
    }

    /** One request alone: each token takes what the calibration says of its parts, and nothing else. */
    @Test
    void shouldTakeAsLongAsThePartsOfAStepTogether() {
        final RequestStream one = new RequestStream(new long[] {0}, new int[] {1}, new int[] {20});

        final ExactRun run = cell(PlannerSamples.cell(2, 1, 1, 1)).run(one, List.of(), SEED);

        final double layerNs = times.decodeLayerNs(1, 12) // in the middle
                + times.exchange().constantNs()
                + 2 * times.exchange().perRowNs()
                + 2 * times.exchange().perShardNs();
        // Both experts of the row are on one node, or each on another.
        final double least = LAYERS * (layerNs + times.expertNs(1)) + times.logitsNs(1) + times.overheadNs(1);
        final double most = least + LAYERS * times.expertNs(1);
        assertThat(run.outcome().itl().getMean()).isBetween(0.99 * least, 1.02 * most);
    }

    @Test
    void shouldFinishEverythingWhenANodeDiesWhoseUnitsOthersHave() {
        final ExactRun run = cell(PlannerSamples.cell(3, 2, 1, 1))
                .run(REQUESTS, List.of(Strike.kill(REQUESTS.lastArrivalNs() / 2, 1)), SEED);

        assertThat(run.outcome().finished()).isEqualTo(REQUESTS.size());
        // It starts again, and loads: before that whoever is listed is dead.
        assertThat(run.untilWholeNs())
                .isGreaterThan(CellPlan.Recovery.usual().restartNs() + Math.round(times.loadNs(false)));
    }

    @Test
    void shouldCountWhatARouterLosesWhenItDies() {
        final ExactRun run = cell(PlannerSamples.cell(2, 1, 1, 1))
                .run(
                        REQUESTS,
                        List.of(new Strike(REQUESTS.lastArrivalNs() / 2, Strike.Kind.ROUTER_KILL, 0, 0, 1)),
                        SEED);

        assertThat(run.outcome().failed() + run.outcome().rejected()).isPositive();
        assertThat(run.outcome().finished()
                        + run.outcome().failed()
                        + run.outcome().rejected())
                .isEqualTo(REQUESTS.size());
    }

    @Test
    void shouldTakeLongerWhereProcessesShareCores() {
        final CellPlan own = PlannerSamples.cell(3, 1, 1, 1);
        final CellPlan shared =
                new CellPlan(own.size(), own.limits(), CellPlan.Hosts.of(2), own.link(), own.recovery());

        assertThat(cell(shared).run(REQUESTS, List.of(), SEED).outcome().itl().getMean())
                .isGreaterThan(
                        cell(own).run(REQUESTS, List.of(), SEED).outcome().itl().getMean());
    }

    @Test
    void shouldTakeLongerOverASlowNetwork() {
        final CellPlan own = PlannerSamples.cell(3, 1, 1, 1);
        final CellPlan slow =
                new CellPlan(own.size(), own.limits(), own.hosts(), new CellPlan.Link(1e8, 200_000), own.recovery());

        // A round trip of 0.2 ms in each layer at least.
        assertThat(cell(slow).run(REQUESTS, List.of(), SEED).outcome().itl().getMean())
                .isGreaterThan(LAYERS * 200_000
                        + 0.95
                                * cell(own)
                                        .run(REQUESTS, List.of(), SEED)
                                        .outcome()
                                        .itl()
                                        .getMean());
    }

    private double meanItlNs(final CellPlan plan) {
        return cell(plan).run(REQUESTS, List.of(), SEED).outcome().itl().getMean();
    }

    /** Whose one core does everything gains nothing by lanes that take turns, and reads weights for each. */
    @Test
    void shouldBeFasterWithPackedLanesWhereOneCoreDoesEverything() {
        final CellPlan even = PlannerSamples.cell(1, 1, 1, 2);
        final CellPlan one =
                new CellPlan(even.size(), even.limits(), CellPlan.Hosts.of(1), even.link(), even.recovery());

        assertThat(meanItlNs(one.with(one.limits().packed()))).isLessThan(0.95 * meanItlNs(one));
    }

    /** Each of a layer's two ways ends with a look of a thread that slept meanwhile. */
    @Test
    void shouldSeeAnswersLateWhereThreadsDoze() {
        final CellPlan awake = PlannerSamples.cell(2, 1, 1, 1);
        final CellPlan dozing = new CellPlan(
                awake.size(),
                awake.limits(),
                new CellPlan.Hosts(0, CellPlan.Threads.DOZING),
                awake.link(),
                awake.recovery());
        final RequestStream one = new RequestStream(new long[] {0}, new int[] {1}, new int[] {20});

        final double awakeNs =
                cell(awake).run(one, List.of(), SEED).outcome().itl().getMean();
        final double dozingNs =
                cell(dozing).run(one, List.of(), SEED).outcome().itl().getMean();

        // Waits of some 0.1 ms end with parks of some 60 us, of which half is left on average.
        assertThat(dozingNs - awakeNs).isBetween(LAYERS * 20e3, LAYERS * 200e3);
    }

    @Test
    void shouldPauseAsLongAndAsOftenAsWasMeasuredAndByTheSeed() {
        final CellPlan plan = PlannerSamples.cell(3, 1, 1, 1);
        final Calibration some = measured(Map.of(
                Spread.PAUSE, new Quantiles(List.of(0.5, 1.0), List.of(10e6, 20e6)),
                Spread.BETWEEN_PAUSES, new Quantiles(List.of(0.5), List.of(100e6))));
        final StepTimes measured = new StepTimes(some, some);
        final ExactCell pausing = new ExactCell(plan, measured, ShareRouting.uniform(LAYERS, 16));
        final ExactCell steps = new ExactCell(
                plan,
                measured,
                ShareRouting.uniform(LAYERS, 16),
                ExactWatch.ofSteps(new RunBook(plan.size(), LAYERS, 16)));
        final CellOutcome undisturbed =
                cell(plan).run(REQUESTS, List.of(), SEED).outcome();

        final CellOutcome paused = pausing.run(REQUESTS, List.of(), SEED).outcome();

        assertThat(paused.finished()).isEqualTo(REQUESTS.size());
        assertThat(paused.itl().getMaxValue() - undisturbed.itl().getMaxValue())
                .as("ns that the longest gap is longer")
                .isBetween(5_000_000L, 100_000_000L);
        assertThat(paused.itl())
                .isEqualTo(pausing.run(REQUESTS, List.of(), SEED).outcome().itl());
        assertThat(steps.run(REQUESTS, List.of(), SEED).outcome().itl())
                .as("steps are measured without pauses")
                .isEqualTo(undisturbed.itl());
    }

    /** What a drained node held is used elsewhere once an epoch is published, however long that takes. */
    @Test
    void shouldTakeAsLongToPublishAnEpochAsWasMeasured() {
        final CellPlan plan = PlannerSamples.cell(3, 2, 1, 1);
        final List<Strike> drain =
                List.of(new Strike(REQUESTS.lastArrivalNs() / 2, Strike.Kind.DRAIN, 1, 500_000_000L, 1));
        final Calibration late = measured(Map.of(Spread.PUBLISH, new Quantiles(List.of(0.5), List.of(3e9))));

        final long usualNs = cell(plan).run(REQUESTS, drain, SEED).untilWholeNs();
        final long lateNs = new ExactCell(plan, new StepTimes(late, late), ShareRouting.uniform(LAYERS, 16))
                .run(REQUESTS, drain, SEED)
                .untilWholeNs();

        assertThat(usualNs).isPositive();
        assertThat(lateNs).isGreaterThanOrEqualTo(usualNs + 2_000_000_000L);
    }

    /** The sample as if it had been measured, and these delays with it. */
    private static Calibration measured(final Map<Spread, Quantiles> spreads) {
        final Calibration sample = PlannerSamples.calibration(LAYERS);
        final Calibration.Origin origin = sample.origin();
        return new Calibration(
                Calibration.FORMAT,
                new Calibration.Origin(
                        false,
                        origin.commit(),
                        origin.machine(),
                        origin.threads(),
                        origin.jdk(),
                        origin.date(),
                        origin.modelFingerprint(),
                        origin.shape(),
                        origin.precision()),
                sample.fits(),
                spreads,
                0,
                List.of());
    }

    /** What pictures are drawn from adds up to what was done. */
    @Test
    void shouldNoteEveryRowAndHowBusyDevicesWere() {
        final CellPlan plan = PlannerSamples.cell(3, 1, 1, 1);
        final RunBook book = new RunBook(plan.size(), LAYERS, 16);

        final CellOutcome outcome = new ExactCell(
                        plan, times, ShareRouting.uniform(LAYERS, 16), ExactWatch.noting(book))
                .run(REQUESTS, List.of(), SEED)
                .outcome();

        final long rows =
                book.expertRows().getFirst().stream().mapToLong(Long::longValue).sum();
        assertThat(rows).as("two experts a row").isEven().isGreaterThanOrEqualTo(2 * outcome.tokens());
        assertThat(book.expertRows())
                .hasSize(LAYERS)
                .allSatisfy(layer -> assertThat(layer).hasSize(16).doesNotContain(0L));
        assertThat(book.use().devices())
                .extracting(DeviceUse.Device::name)
                .containsExactly("node 0", "node 1", "node 2", "router 0");
        assertThat(book.use().devices())
                .allSatisfy(device -> assertThat(device.mean()).isBetween(0.01, 1.0));
    }

    @Test
    void shouldSayThatItsTimeIsOver() {
        final CellPlan plan = PlannerSamples.cell(3, 1, 1, 1);
        final ExactWatch none =
                ExactWatch.noting(new RunBook(plan.size(), LAYERS, 16), Duration.ZERO, "ask for shorter answers");

        assertThatThrownBy(() -> new ExactCell(plan, times, ShareRouting.uniform(LAYERS, 16), none)
                        .run(REQUESTS, List.of(), SEED))
                .isInstanceOf(PlanRefused.class)
                .hasMessageContainingAll("more than 0 s", "ask for shorter answers");
    }

    @Test
    void shouldRefuseRoutingOfAnotherModel() {
        assertThatThrownBy(() -> new ExactCell(
                                PlannerSamples.cell(2, 1, 1, 1), times, ShareRouting.uniform(LAYERS + 1, 16))
                        .run(REQUESTS, List.of(), SEED))
                .hasMessageContaining("take one of the same model");
    }
}
