package io.cheshire.planner.core.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.testing.PlannerSamples;
import java.util.List;
import org.junit.jupiter.api.Test;

class StrikeFitTest {
    private static final long STALL_NS = 20_000_000;
    private static final long WHOLE_NS = 2_000_000_000;

    private final StepTimes times = PlannerSamples.times(4);
    private final CellPlan plan = PlannerSamples.cell(4, 2, 1, 2);
    private final StepTable table =
            new StepTable(times, state -> new StepStatistics(4e6 + 1e4 * state.rows(), 1e6, 0.1, 0.5), 1, 2, 512);
    private final RequestStream requests =
            PoissonStreams.of(40, 300, new Lengths(5, 100), new Lengths(5, 60), 20_261_130);
    private final Strike strike = Strike.kill(2_000_000_000, 1);

    private double meanNs(final List<Strike> strikes, final double slowdown) {
        final StrikeTimes strikeTimes = new StrikeTimes();
        strikeTimes.add(Strike.Kind.KILL, new long[] {STALL_NS}, new long[] {WHOLE_NS}, slowdown);
        return new StepCell(plan, table, times, requests, strikes, strikeTimes, new StepCell.Part(0, 0))
                .run()
                .e2e()
                .getMean();
    }

    /** What steps that are so many times slower cost is what the fit takes them for. */
    @Test
    void shouldFindBySoMuchSlowerStepsWhyRequestsTookLonger() {
        for (final double slowdown : List.of(1.0, 1.7, 3.0)) {
            final double extraNs = meanNs(List.of(strike), slowdown) - meanNs(List.of(), 1);

            final double found = new StrikeFit(plan, table, times)
                    .slowdown(List.of(new StrikeFit.Played(requests, strike, extraNs, STALL_NS, WHOLE_NS)));

            assertThat(found).isCloseTo(slowdown, within(0.02 * slowdown));
        }
    }
}
