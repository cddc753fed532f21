package io.cheshire.planner.runtime.exact;

import static org.assertj.core.api.Assertions.assertThat;

import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.outcome.FleetOutcome;
import io.cheshire.planner.core.outcome.LoadJudge;
import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.step.StepStatistics;
import io.cheshire.planner.core.step.StepTable;
import io.cheshire.planner.core.step.StrikeTimes;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.runtime.fleet.FleetSteps;
import io.cheshire.planner.testing.PlannerSamples;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Many cells: the same figures on any number of threads, and how long a thousand nodes take. */
class FleetSpeedTest {
    private static final long SEED = 20261129;

    private static List<List<Strike>> strikes(final int cells, final long lastNs) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final List<List<Strike>> all = new ArrayList<>();
        for (int cell = 0; cell < cells; cell++) {
            all.add(List.of(Strike.kill(random.nextLong(lastNs), random.nextInt(4))));
        }
        return all;
    }

    private static final LoadJudge.Promise PROMISE = new LoadJudge.Promise(2_000_000_000L, 60_000_000L);

    @Test
    void shouldAddUpToTheSameOnOneThreadAndOnThree() {
        final StepTimes times = PlannerSamples.times(4);
        final CellPlan plan = PlannerSamples.cell(4, 2, 2, 2);
        final StepTable table =
                new StepTable(times, state -> new StepStatistics(4e6 + 1e4 * state.rows(), 1e6, 0.1, 0.5), 2, 2, 512);
        final StrikeTimes strikeTimes = new StrikeTimes();
        strikeTimes.add(Strike.Kind.KILL, new long[] {200_000_000, 90_000_000}, new long[] {3_000_000_000L, 1});
        final RequestStream requests = PoissonStreams.of(300, 4_000, new Lengths(5, 100), new Lengths(5, 60), SEED);
        final List<List<Strike>> strikes = strikes(5, requests.lastArrivalNs());
        final FleetSteps fleet = new FleetSteps(plan, table, times, strikeTimes);

        final FleetOutcome one = fleet.run(requests, strikes, PROMISE, SEED, 1);
        final FleetOutcome three = fleet.run(requests, strikes, PROMISE, SEED, 3);

        assertThat(three.itl()).isEqualTo(one.itl());
        assertThat(three.e2e()).isEqualTo(one.e2e());
        assertThat(three.steps()).isEqualTo(one.steps());
        assertThat(one.finished()).isEqualTo(requests.size());
    }

    @Test
    @EnabledIfSystemProperty(named = "cheshire.test.long", matches = "true")
    void shouldSimulateAThousandNodesAndAMillionRequestsWithFailures() {
        final SimLogs logs = SimLogs.silence();
        final int cells = 62;
        final int count = Integer.getInteger("cheshire.planner.requests", 1_000_000);
        final StepTimes times = PlannerSamples.times(32);
        final CellPlan plan = PlannerSamples.cell(16, 2, 1, 2);
        final RowRouting routing = ShareRouting.zipf(32, 16, 0.3);
        final StepTable table = new StepTable(times, new ExactSteps(plan, times, routing, SEED), 1, 2, 512);
        final StrikeTimes strikeTimes = new StrikeTimes();
        final Lengths prompts = new Lengths(20, 400);
        final Lengths outputs = new Lengths(20, 400);
        final EpisodePlays plays =
                new EpisodePlays(plan, times, routing, new EpisodePlays.Load(10, 40, prompts, outputs), PROMISE);
        plays.play(Strike.Kind.KILL, 0, 2, SEED);
        plays.addTo(strikeTimes, Strike.Kind.KILL, table);
        final RequestStream requests = PoissonStreams.of(cells * 9.0, count, prompts, outputs, SEED);
        final List<List<Strike>> strikes = strikes(cells, requests.lastArrivalNs());
        final FleetSteps fleet = new FleetSteps(plan, table, times, strikeTimes);
        fleet.run(requests.every(20, 0), strikes, PROMISE, SEED, 2); // fills the table
        logs.close();

        final long startedNs = System.nanoTime();
        final FleetOutcome outcome = fleet.run(requests, strikes, PROMISE, SEED, 2);
        final double seconds = (System.nanoTime() - startedNs) / 1e9;

        System.out.printf(
                "%d cells of 16 nodes, %d requests, %d tokens, %d steps, %d events in %.1f s; states %d;"
                        + " itl mean %.2f ms p99 %.2f ms; failed %d, rejected %d; most heap %d MiB%n",
                cells,
                outcome.requests(),
                outcome.tokens(),
                outcome.steps(),
                outcome.events(),
                seconds,
                table.known().size(),
                outcome.itl().getMean() / 1e6,
                outcome.itl().getValueAtPercentile(99) / 1e6,
                outcome.failed(),
                outcome.rejected(),
                Runtime.getRuntime().totalMemory() >> 20);
        assertThat(outcome.tokens()).isEqualTo(requests.outputTokens());
    }

    @Test
    @EnabledIfSystemProperty(named = "cheshire.test.long", matches = "true")
    void shouldSayHowManyEventsASecondTheExactFidelityHandles() {
        final SimLogs logs = SimLogs.silence();
        final ExactCell cell = new ExactCell(
                PlannerSamples.cell(16, 2, 2, 2), PlannerSamples.times(32), ShareRouting.zipf(32, 16, 0.3));
        final RequestStream requests = PoissonStreams.of(20, 120, new Lengths(20, 400), new Lengths(20, 400), SEED);
        cell.run(requests.every(4, 0), List.of(), SEED); // compiles it

        final long startedNs = System.nanoTime();
        final CellOutcome outcome = cell.run(requests, List.of(), SEED).outcome();
        final double seconds = (System.nanoTime() - startedNs) / 1e9;
        logs.close();

        System.out.printf(
                "16 nodes, 2 routers, 2 lanes, 32 layers: %d events in %.1f s, %.2f million a second; %d steps%n",
                outcome.events(), seconds, outcome.events() / seconds / 1e6, outcome.steps());
        assertThat(outcome.tokens()).isEqualTo(requests.outputTokens());
    }
}
