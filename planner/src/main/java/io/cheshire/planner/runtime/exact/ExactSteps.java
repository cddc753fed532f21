package io.cheshire.planner.runtime.exact;

import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.step.StepSource;
import io.cheshire.planner.core.step.StepState;
import io.cheshire.planner.core.step.StepStatistics;
import io.cheshire.planner.core.step.StepTable;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Measures steps in the exact fidelity: as many sequences as the state has rows, all at once, of one prompt token and
 * of some tens to generate. So long as all run, the gap between a sequence's tokens is the duration of a step.
 */
public final class ExactSteps implements StepSource {
    /** Until lanes and routers have shared the sequences among them. */
    private static final int SETTLING_STEPS = 6;

    private static final int PHASES = 4;

    private final CellPlan plan;
    private final StepTimes times;
    private final RowRouting routing;
    private final long seed;

    public ExactSteps(final CellPlan plan, final StepTimes times, final RowRouting routing, final long seed) {
        this.plan = plan;
        this.times = times;
        this.routing = routing;
        this.seed = seed;
    }

    @Override
    public StepStatistics measure(final StepState state) {
        final CellPlan.Size size = plan.size();
        final int nodes = Math.max(1, size.nodes() - state.missing());
        final int sequences = state.rows() * state.lanes() * state.routers();
        final int blocks =
                Math.ceilDiv(StepTable.measuredSteps(state) + 2, plan.limits().blockTokens());
        final CellPlan measured = plan.with(new CellPlan.Size(
                        nodes, Math.min(size.replicas(), nodes), state.routers(), Math.min(size.racks(), nodes)))
                .with(new CellPlan.RouterLimits(
                        state.lanes(),
                        plan.limits().isPacked(),
                        Math.max(state.rows(), plan.limits().maxRowsPerStep()),
                        state.rows(),
                        sequences,
                        (state.rows() * state.lanes() + 1) * (blocks + 1),
                        plan.limits().blockTokens()));
        final boolean alone = state.lanes() * state.routers() == 1;
        final int[] prompts = new int[sequences];
        final int[] outputs = new int[sequences];
        Arrays.fill(prompts, 1);
        Arrays.fill(outputs, StepTable.measuredSteps(state));
        final ExactCell cell = new ExactCell(measured, times, routing, ExactWatch.ofSteps());
        final Histogram gaps = new CellOutcome(0).itl();
        for (int phase = 0; phase < (alone ? 1 : PHASES); phase++) {
            gaps.add(cell.run(
                            new RequestStream(arrivals(state, phase), prompts, outputs),
                            List.of(),
                            seedOf(state) + phase,
                            SETTLING_STEPS)
                    .outcome()
                    .itl());
        }
        return statistics(gaps);
    }

    /**
     * The first sequence of each lane begins somewhere in the first step, all others after it. Lanes that begin at once
     * go through the layers together ever after, and nodes take their rows for a unit as one batch; those that don't
     * seldom meet. In a run under load each pair is now here and now there, so the phases are averaged over.
     */
    private long[] arrivals(final StepState state, final int phase) {
        final double stepNs = times.shape().layerCount()
                * (times.decodeLayerNs(state.rows(), state.rows()) + times.expertNs(state.rows()));
        final int lanes = state.lanes() * state.routers();
        final long[] arrivalsNs = new long[state.rows() * lanes];
        Arrays.fill(arrivalsNs, Math.round(stepNs));
        for (int lane = 0; lane < lanes; lane++) {
            arrivalsNs[lane] = Math.round(stepNs * ((double) lane * phase / PHASES % 1));
        }
        Arrays.sort(arrivalsNs);
        return arrivalsNs;
    }

    /** Of its own, so that a state's figures don't depend on what was measured before. */
    private long seedOf(final StepState state) {
        return (((seed * 31 + state.rows()) * 31 + state.lanes()) * 31 + state.routers()) * 31 + state.missing();
    }

    private static StepStatistics statistics(final Histogram gaps) {
        final double mean = gaps.getMean();
        final double deviation = gaps.getStdDeviation();
        double cubes = 0;
        for (final HistogramIterationValue value : gaps.recordedValues()) {
            final double off = gaps.medianEquivalentValue(value.getValueIteratedTo()) - mean;
            cubes += off * off * off * value.getCountAtValueIteratedTo();
        }
        final double skew = deviation == 0 ? 0 : cubes / gaps.getTotalCount() / (deviation * deviation * deviation);
        return new StepStatistics(mean, deviation / mean, skew);
    }
}
