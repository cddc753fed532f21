package io.cheshire.planner.runtime.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.testing.PlannerSamples;
import java.util.List;
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
    void shouldRefuseRoutingOfAnotherModel() {
        assertThatThrownBy(() -> new ExactCell(
                                PlannerSamples.cell(2, 1, 1, 1), times, ShareRouting.uniform(LAYERS + 1, 16))
                        .run(REQUESTS, List.of(), SEED))
                .hasMessageContaining("take one of the same model");
    }
}
