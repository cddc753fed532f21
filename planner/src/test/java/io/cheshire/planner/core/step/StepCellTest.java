package io.cheshire.planner.core.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.LoadJudge;
import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.outcome.RateSweep;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.testing.PlannerSamples;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepCellTest {
    private static final long SEED = 20261129;
    private static final StepTimes TIMES = PlannerSamples.times(4);

    /** Four milliseconds, and a bit for each row. */
    private static StepTable table(final CellPlan plan) {
        return new StepTable(
                TIMES,
                state -> new StepStatistics(
                        4e6 + 1e4 * state.rows() * state.lanes() - withoutHeadsNs(state), 1e6, 0.1, 0.5),
                plan.size().routers(),
                plan.limits().lanes(),
                512);
    }

    /** So much less a prompt takes than as many sequences: it has one row for head and sampler. */
    private static double withoutHeadsNs(final StepState state) {
        final int rows = state.rows();
        if (!state.isOfPrompts()) {
            return 0;
        }
        final double contexts = rows * (1 + StepTable.measuredSteps(state) / 2.0);
        return 4 * (TIMES.decodeLayerNs(rows, contexts) - TIMES.promptLayerNs(rows))
                + TIMES.logitsNs(rows)
                + TIMES.overheadNs(rows)
                - TIMES.logitsNs(1)
                - TIMES.overheadNs(1);
    }

    private static RequestStream requests(final double rate, final int count) {
        return PoissonStreams.of(rate, count, new Lengths(10, 300), new Lengths(5, 100), SEED);
    }

    private static CellOutcome run(final CellPlan plan, final RequestStream requests, final List<Strike> strikes) {
        final StrikeTimes strikeTimes = new StrikeTimes();
        strikeTimes.add(Strike.Kind.KILL, new long[] {200_000_000}, new long[] {3_000_000_000L});
        return new StepCell(plan, table(plan), TIMES, requests, strikes, strikeTimes, new StepCell.Part(0, SEED)).run();
    }

    @Test
    void shouldGiveEveryTokenOfEveryRequest() {
        final RequestStream requests = requests(50, 2_000);

        final CellOutcome outcome = run(PlannerSamples.cell(4, 2, 2, 2), requests, List.of());

        assertThat(outcome.finished()).isEqualTo(requests.size());
        assertThat(outcome.tokens()).isEqualTo(requests.outputTokens());
        assertThat(outcome.itl().getTotalCount()).isEqualTo(requests.outputTokens() - requests.size());
    }

    @Test
    void shouldTakeThePoolsTurnWhenKvBlocksAreShort() {
        final CellPlan plan =
                PlannerSamples.cell(4, 2, 1, 2).with(new CellPlan.RouterLimits(2, false, 512, 64, 4_000, 60, 16));
        final RequestStream requests = requests(200, 1_000);

        final CellOutcome outcome = run(plan, requests, List.of());

        assertThat(outcome.preemptions()).isPositive();
        assertThat(outcome.finished()).isEqualTo(requests.size());
    }

    @Test
    void shouldStallOnceWhenANodeDies() {
        final RequestStream requests = requests(50, 1_000);
        final CellPlan plan = PlannerSamples.cell(4, 2, 1, 1);

        final CellOutcome calm = run(plan, requests, List.of());
        final CellOutcome struck = run(plan, requests, List.of(Strike.kill(requests.lastArrivalNs() / 2, 1)));

        assertThat(struck.itl().getMaxValue() - calm.itl().getMaxValue()).isBetween(150_000_000L, 260_000_000L);
        assertThat(struck.finished()).isEqualTo(requests.size());
    }

    @Test
    void shouldLoseWhatARouterHadAndServeTheRestWhenItDies() {
        final RequestStream requests = requests(50, 1_000);
        final Strike strike = new Strike(requests.lastArrivalNs() / 2, Strike.Kind.ROUTER_KILL, 1, 0, 1);

        final CellOutcome outcome = run(PlannerSamples.cell(4, 2, 2, 2), requests, List.of(strike));

        assertThat(outcome.failed()).isPositive();
        assertThat(outcome.finished() + outcome.failed()).isEqualTo(requests.size());
    }

    @Test
    void shouldRefuseStrikesThatNobodyHasPlayed() {
        final Strike strike = new Strike(0, Strike.Kind.SILENCE, 0, 1, 1);

        assertThatThrownBy(() -> run(PlannerSamples.cell(4, 2, 1, 1), requests(50, 10), List.of(strike)))
                .hasMessageContaining("play it first");
    }

    @Test
    void shouldFindTheKneeWhereALaneCanDoNoMore() {
        final CellPlan plan = PlannerSamples.cell(4, 1, 1, 1);
        final RateSweep sweep = new RateSweep(
                rate -> {
                    final RequestStream requests = requests(rate, 3_000);
                    return new RateSweep.Run(requests, run(plan, requests, List.of()));
                },
                new LoadJudge.Promise(2_000_000_000L, 50_000_000L),
                0.99);

        final RateSweep.Result result = sweep.from(1);

        assertThat(result.points().getLast().state()).isNotEqualTo(LoadState.STABLE);
        final RequestStream tooMany = requests(500, 3_000);
        assertThat(LoadJudge.state(tooMany, run(plan, tooMany, List.of()))).isEqualTo(LoadState.OVERLOADED);
        // 64 sequences of 52.5 tokens on average, in steps of 4.64 ms: 262 a second, had the run no end.
        assertThat(result.knee()).isBetween(180.0, 270.0);
    }
}
