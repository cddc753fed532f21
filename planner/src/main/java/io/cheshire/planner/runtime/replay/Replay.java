package io.cheshire.planner.runtime.replay;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.calibrate.Statistics;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.step.StepCell;
import io.cheshire.planner.core.step.StepTable;
import io.cheshire.planner.core.step.StrikeTimes;
import io.cheshire.planner.core.times.CalibrationBounds;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.core.validation.PairedError;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.runtime.exact.ExactCell;
import io.cheshire.planner.runtime.exact.ExactSteps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Simulates the requests of a measured run, once as calibrated and once at each end of the calibration's intervals, and
 * holds all against what was measured.
 */
final class Replay {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    private static final double NS_PER_MS = 1e6;

    private final CellPlan plan;
    private final Calibration router;
    private final Calibration node;
    private final RowRouting routing;
    private final boolean exact;

    Replay(
            final CellPlan plan,
            final Calibration router,
            final Calibration node,
            final RowRouting routing,
            final boolean exact) {
        this.plan = plan;
        this.router = router;
        this.node = node;
        this.routing = routing;
        this.exact = exact;
    }

    /** By request: ttft, end to end, mean time between tokens. */
    private static final class Times {
        private final double[] ttft;
        private final double[] e2e;
        private final double[] itl;
        private final double tokensPerSecond;

        private Times(final double[] ttft, final double[] e2e, final double[] itl, final double tokensPerSecond) {
            this.ttft = ttft;
            this.e2e = e2e;
            this.itl = itl;
            this.tokensPerSecond = tokensPerSecond;
        }
    }

    ReplayReport against(final MeasuredRequests measured, final long seed) {
        final RequestStream requests = measured.stream();
        final Times expected = times(requests, 0, seed);
        final Times fast = times(requests, -1, seed);
        final Times slow = times(requests, 1, seed);
        final int count = measured.size();
        final double[] ttft = each(count, measured::ttftNs);
        final double[] e2e = each(count, measured::e2eNs);
        final double[] itl = each(count, measured::itlNs);
        double lastNs = 0;
        for (int i = 0; i < count; i++) {
            final double endNs = requests.arrivalNs(i) + e2e[i];
            lastNs = Double.isNaN(endNs) ? lastNs : Math.max(lastNs, endNs);
        }
        final List<ReplayReport.Figure> figures = new ArrayList<>();
        figures.add(figure(
                "tokens a second",
                requests.outputTokens() * 1e9 / lastNs,
                expected.tokensPerSecond,
                slow.tokensPerSecond,
                fast.tokensPerSecond));
        figures.addAll(figures("ttft", ttft, expected.ttft, fast.ttft, slow.ttft));
        figures.addAll(figures("itl", itl, expected.itl, fast.itl, slow.itl));
        figures.addAll(figures("e2e", e2e, expected.e2e, fast.e2e, slow.e2e));
        final List<String> assumptions = new ArrayList<>(router.warnings());
        if (routing.assumed()) {
            assumptions.add("routing is assumed: " + routing.source());
        }
        return new ReplayReport(
                count,
                exact ? "exact" : "step",
                seed,
                figures,
                List.of(
                        new ReplayReport.Pair("ttft", PairedError.of(ttft, expected.ttft, fast.ttft, slow.ttft)),
                        new ReplayReport.Pair("itl", PairedError.of(itl, expected.itl, fast.itl, slow.itl)),
                        new ReplayReport.Pair("e2e", PairedError.of(e2e, expected.e2e, fast.e2e, slow.e2e))),
                assumptions);
    }

    private Times times(final RequestStream requests, final int side, final long seed) {
        final StepTimes stepTimes = side == 0
                ? new StepTimes(router, node)
                : new StepTimes(CalibrationBounds.at(router, side), CalibrationBounds.at(node, side));
        final CellOutcome outcome = exact
                ? new ExactCell(plan, stepTimes, routing)
                        .run(requests, List.of(), seed)
                        .outcome()
                : new StepCell(
                                plan,
                                new StepTable(
                                        stepTimes,
                                        new ExactSteps(plan, stepTimes, routing, seed),
                                        plan.size().routers(),
                                        plan.limits().lanes(),
                                        plan.limits().maxRowsPerStep()),
                                stepTimes,
                                requests,
                                List.of(),
                                new StrikeTimes(),
                                new StepCell.Part(0, seed))
                        .run();
        return new Times(
                each(
                        requests.size(),
                        i -> outcome.isFinished(i) ? outcome.firstNs(i) - requests.arrivalNs(i) : Double.NaN),
                each(
                        requests.size(),
                        i -> outcome.isFinished(i) ? outcome.endNs(i) - requests.arrivalNs(i) : Double.NaN),
                each(
                        requests.size(),
                        i -> outcome.isFinished(i) && requests.outputTokens(i) > 1
                                ? (double) (outcome.endNs(i) - outcome.firstNs(i)) / (requests.outputTokens(i) - 1)
                                : Double.NaN),
                outcome.tokensPerSecond());
    }

    private static double[] each(final int count, final IntToDoubleFunction figure) {
        final double[] values = new double[count];
        Arrays.setAll(values, figure);
        return values;
    }

    private static List<ReplayReport.Figure> figures(
            final String name,
            final double[] measured,
            final double[] expected,
            final double[] fast,
            final double[] slow) {
        final List<ReplayReport.Figure> figures = new ArrayList<>();
        figures.add(figure(
                name + " mean, ms",
                mean(measured) / NS_PER_MS,
                mean(expected) / NS_PER_MS,
                mean(fast) / NS_PER_MS,
                mean(slow) / NS_PER_MS));
        for (final double quantile : QUANTILES) {
            figures.add(figure(
                    name + " p" + Math.round(100 * quantile) + ", ms",
                    quantile(measured, quantile) / NS_PER_MS,
                    quantile(expected, quantile) / NS_PER_MS,
                    quantile(fast, quantile) / NS_PER_MS,
                    quantile(slow, quantile) / NS_PER_MS));
        }
        return figures;
    }

    private static ReplayReport.Figure figure(
            final String name, final double measured, final double predicted, final double low, final double high) {
        return new ReplayReport.Figure(name, measured, predicted, low, high, predicted / measured - 1);
    }

    private static double mean(final double[] values) {
        return Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    private static double quantile(final double[] values, final double probability) {
        final List<Double> known = Arrays.stream(values)
                .filter(value -> !Double.isNaN(value))
                .boxed()
                .toList();
        return known.isEmpty() ? Double.NaN : Statistics.quantile(known, probability);
    }
}
