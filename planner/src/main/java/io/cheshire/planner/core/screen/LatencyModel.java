package io.cheshire.planner.core.screen;

import io.cheshire.model.protocol.calibration.Quantity;
import io.cheshire.planner.core.cost.CostCurves;
import io.cheshire.planner.protocol.plan.LengthMix;
import io.cheshire.planner.protocol.plan.PlanObjectives;

/** Turns a steady state into what users see. One fleet; used by one thread. */
final class LatencyModel {
    /** So many standard deviations above the mean lies the 99th percentile of the normal law. */
    private static final double P99 = 2.326;

    private static final int HALVINGS = 40;
    private static final double MS = 1e-6;

    private final StepModel steps;
    private final LoadCurve curve;
    private final CostCurves router;
    private final int lanes;
    private final ScreenLimits limits;
    private final PlanObjectives objectives;

    LatencyModel(
            final StepModel steps,
            final LoadCurve curve,
            final CostCurves router,
            final int lanes,
            final ScreenLimits limits,
            final PlanObjectives objectives) {
        this.steps = steps;
        this.curve = curve;
        this.router = router;
        this.lanes = lanes;
        this.limits = limits;
        this.objectives = objectives;
    }

    /** At a rate of one router. */
    Latency at(final double routerPerSecond) {
        final boolean steady = routerPerSecond < curve.saturation();
        final LoadCurve.State state = curve.at(routerPerSecond, true);
        final Latency.Itl itl = new Latency.Itl(MS * state.stepNs(), MS * slowStepNs(state));
        if (!steady) {
            return Latency.unbounded(itl.mean(), itl.p99());
        }
        final LengthMix lengths = curve.load().lengths();
        final double[] computedNs = computedNs(state, lengths);
        final Waiting waiting = waiting(routerPerSecond, state, lengths);
        final double p50 = quantile(0.5, computedNs, waiting, lengths);
        final double p95 = quantile(0.05, computedNs, waiting, lengths);
        final double p99 = quantile(0.01, computedNs, waiting, lengths);
        double meanNs = waiting.overallNs();
        for (int i = 0; i < computedNs.length; i++) {
            meanNs += lengths.strata().get(i).weight() * computedNs[i];
        }
        final double inTime = itl.mean() <= objectives.itlP99Ms()
                ? 1 - late(objectives.ttftP95Ms() / MS, computedNs, waiting, lengths)
                : 0;
        return new Latency(
                new Latency.Ttft(MS * p50, MS * p95, MS * p99),
                itl,
                MS * (meanNs + (lengths.meanOutput() - 1) * state.stepNs()),
                inTime);
    }

    /** One step in a hundred is longer: lanes hold more sequences than on average, prompts come together. */
    double slowStepNs(final LoadCurve.State state) {
        final double[] rows = slowRows(state);
        return steps.step(rows[0], rows[1]).totalNs();
    }

    /** Its decode and prefill rows. */
    double[] slowRows(final LoadCurve.State state) {
        final double decode =
                Math.min(limits.sequencesPerLane(), state.running() + 1 + P99 * Math.sqrt(state.running()));
        if (state.prefillShare() < 0.01) {
            return new double[] {decode, 0};
        }
        final double prompt = Math.min(curve.load().computedPrompt(), curve.chunkRows(decode));
        final double prefill =
                Math.min(curve.chunkRows(decode), state.prefillRows() + P99 * Math.sqrt(state.prefillRows() * prompt));
        return new double[] {decode, prefill};
    }

    /** Time of a first token of each stratum that waits for nobody: a half step, its chunks, the way there and back. */
    private double[] computedNs(final LoadCurve.State state, final LengthMix lengths) {
        final double chunk = curve.chunkRows(state.running());
        final double fullNs = steps.step(state.running(), chunk).totalNs();
        // The lane is in a step already unless nobody runs there.
        final double residualNs = -Math.expm1(-state.running()) * state.stepNs() / 2;
        final double shared = 1 - curve.load().prefixShare();
        final double[] ns = new double[lengths.strata().size()];
        for (int i = 0; i < ns.length; i++) {
            final double tokens = lengths.strata().get(i).promptTokens();
            final double full = Math.floor(tokens * shared / chunk);
            final double rest = Math.max(1, tokens * shared - full * chunk);
            ns[i] = residualNs
                    + full * fullNs
                    + steps.step(state.running(), rest).totalNs()
                    + router.ns(Quantity.INGEST, tokens, 0)
                    + router.ns(Quantity.STREAM, 1, 0);
        }
        return ns;
    }

    Waiting waiting(final double routerPerSecond, final LoadCurve.State state, final LengthMix lengths) {
        final double chunk = curve.chunkRows(state.running());
        final double serviceNs = curve.load().computedPrompt()
                / chunk
                * steps.step(state.running(), chunk).totalNs();
        final double gapCv = curve.load().gapCv();
        final Waiting forPrompts = Waiting.at(
                lanes,
                Math.min(0.999 * lanes, routerPerSecond * serviceNs * 1e-9),
                serviceNs,
                gapCv,
                Waiting.promptCv(lengths));
        final double staysNs = lengths.meanOutput() * state.stepNs();
        final int places = lanes * limits.sequencesPerLane();
        return forPrompts.then(
                Waiting.at(places, Math.min(0.999 * places, lanes * state.running()), staysNs, gapCv, 1));
    }

    private static double late(
            final double ns, final double[] computedNs, final Waiting waiting, final LengthMix lengths) {
        double late = 0;
        for (int i = 0; i < computedNs.length; i++) {
            late += lengths.strata().get(i).weight() * waiting.beyond(ns - computedNs[i]);
        }
        return late;
    }

    private static double quantile(
            final double beyond, final double[] computedNs, final Waiting waiting, final LengthMix lengths) {
        double low = 0;
        double high = 1e6;
        while (late(high, computedNs, waiting, lengths) > beyond) {
            high *= 2;
        }
        for (int i = 0; i < HALVINGS && high - low > 1e-4 * high; i++) {
            final double middle = (low + high) / 2;
            if (late(middle, computedNs, waiting, lengths) > beyond) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }
}
