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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Measures steps in the exact fidelity. Of few rows: as many sequences as the state has rows, all at once, of one
 * prompt token and of some tens to generate; so long as all run, the gap between a sequence's tokens is the duration of
 * a step. Of many rows: prompts of as many tokens, one after the other in each lane; the time from one's token to the
 * next one's is the duration of a step.
 */
public final class ExactSteps implements StepSource {
    /** Until lanes and routers have shared the sequences among them. */
    private static final int SETTLING_STEPS = 6;

    private static final int PHASES = 4;
    /** Less than any step. */
    private static final long AFTER_FIRST_NS = 50_000;

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
        final boolean alone = state.lanes() * state.routers() == 1;
        final CellPlan measured = measured(state);
        final RunBook book = new RunBook(
                measured.size(), times.shape().layerCount(), times.shape().expertCount());
        final ExactCell cell = new ExactCell(measured, times, routing, ExactWatch.ofSteps(book));
        final Histogram gaps = new CellOutcome(0).itl();
        for (int phase = 0; phase < (alone ? 1 : PHASES); phase++) {
            final RequestStream requests = state.isOfPrompts() ? prompts(state, phase) : sequences(state, phase);
            final CellOutcome outcome = cell.run(requests, List.of(), seedOf(state) + phase, SETTLING_STEPS)
                    .outcome();
            if (state.isOfPrompts()) {
                addGaps(outcome, state.lanes() * state.routers(), gaps);
            } else {
                gaps.add(outcome.itl());
            }
        }
        // The first prompt of a lane that is alone has one token.
        final int steps = StepTable.measuredSteps(state) - (state.isOfPrompts() ? 1 : 0);
        return statistics(gaps, (double) book.busiestNodeNs() / steps);
    }

    private CellPlan measured(final StepState state) {
        final CellPlan.Size size = plan.size();
        final int nodes = Math.max(1, size.nodes() - state.missing());
        final int steps = StepTable.measuredSteps(state) + 2;
        final int blockTokens = plan.limits().blockTokens();
        return plan.with(new CellPlan.Size(
                        nodes, Math.min(size.replicas(), nodes), state.routers(), Math.min(size.racks(), nodes)))
                .with(new CellPlan.RouterLimits(
                        state.lanes(),
                        plan.limits().isPacked(),
                        state.isOfPrompts()
                                ? state.rows()
                                : Math.max(state.rows(), plan.limits().maxRowsPerStep()),
                        state.rows(),
                        Math.max(state.rows(), steps) * state.lanes() * state.routers(),
                        (state.rows() + 1) * state.lanes() * (Math.ceilDiv(steps, blockTokens) + 1)
                                + state.lanes() * Math.ceilDiv(state.rows(), blockTokens),
                        blockTokens));
    }

    /**
     * The first sequence of each lane has a prompt of its own length, and all others come while those are computed, so
     * that lanes begin their steps apart from each other. Lanes that begin at once go through the layers together ever
     * after, and nodes take their rows for a unit as one batch; those that don't seldom meet. In a run under load each
     * pair is now here and now there, so the phases are averaged over.
     */
    private RequestStream sequences(final StepState state, final int phase) {
        return stream(state, phase, state.rows(), 1, StepTable.measuredSteps(state));
    }

    /** Likewise: the first prompt of each lane has a length of its own. */
    private RequestStream prompts(final StepState state, final int phase) {
        return stream(state, phase, StepTable.measuredSteps(state), state.rows(), 1);
    }

    private RequestStream stream(
            final StepState state, final int phase, final int each, final int prompt, final int output) {
        final int lanes = state.lanes() * state.routers();
        final long beginNs = times.ingestNs(state.rows());
        final List<Asked> asked = new ArrayList<>();
        for (int request = 0; request < each * lanes; request++) {
            final boolean first = request < lanes;
            final double part = (double) request * phase / PHASES % 1;
            final int tokens = first ? Math.max(1, (int) (part * state.rows())) : prompt;
            asked.add(
                    new Asked(beginNs - times.ingestNs(tokens) + (first ? request : AFTER_FIRST_NS + request), tokens));
        }
        asked.sort(Comparator.comparingLong(Asked::arrivalNs));
        final int[] outputs = new int[asked.size()];
        Arrays.fill(outputs, output);
        return new RequestStream(
                asked.stream().mapToLong(Asked::arrivalNs).toArray(),
                asked.stream().mapToInt(Asked::promptTokens).toArray(),
                outputs);
    }

    private record Asked(long arrivalNs, int promptTokens) {}

    /** Lanes that all compute prompts of one length take turns, so that each lane's next token is so many later. */
    private static void addGaps(final CellOutcome outcome, final int lanes, final Histogram gaps) {
        final long[] firstNs = new long[outcome.requests()];
        for (int i = 0; i < firstNs.length; i++) {
            firstNs[i] = outcome.firstNs(i);
        }
        Arrays.sort(firstNs);
        // In the end lanes have nothing to do one by one.
        for (int i = SETTLING_STEPS * lanes; i + lanes < firstNs.length - lanes; i++) {
            gaps.recordValue(firstNs[i + lanes] - firstNs[i]);
        }
    }

    /** Of its own, so that a state's figures don't depend on what was measured before. */
    private long seedOf(final StepState state) {
        return (((seed * 31 + state.rows()) * 31 + state.lanes()) * 31 + state.routers()) * 31 + state.missing();
    }

    private static StepStatistics statistics(final Histogram gaps, final double nodeNs) {
        final double mean = gaps.getMean();
        final double deviation = gaps.getStdDeviation();
        double cubes = 0;
        for (final HistogramIterationValue value : gaps.recordedValues()) {
            final double off = gaps.medianEquivalentValue(value.getValueIteratedTo()) - mean;
            cubes += off * off * off * value.getCountAtValueIteratedTo();
        }
        final double skew = deviation == 0 ? 0 : cubes / gaps.getTotalCount() / (deviation * deviation * deviation);
        return new StepStatistics(mean, nodeNs, deviation / mean, skew);
    }
}
