package io.cheshire.planner.runtime.validate;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.outcome.CellOutcome;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.runtime.exact.ExactCell;
import java.util.List;
import java.util.Locale;

/**
 * What is asked of a cluster, simulated and real alike.
 *
 * @param rate  requests a second
 * @param count requests
 */
record LiveScenario(Deployment deployment, LiveWorkload workload, double rate, int count, long seed) {
    private static final int LANES = 2;
    private static final long WARM_SEED = 7;
    private static final int WARM_SHARE = 4;

    RequestStream requests() {
        return workload.requests(rate, count, seed);
    }

    /** Some of them, for compilers. */
    RequestStream warmUp() {
        return workload.requests(rate, Math.max(4, count / WARM_SHARE), seed + WARM_SEED);
    }

    /** What the exact fidelity says of it. */
    CellOutcome simulated(final Calibration calibration) {
        final CellPlan.RouterLimits limits = CellPlan.RouterLimits.of(
                LANES, Math.toIntExact(Math.min(Integer.MAX_VALUE / 32, calibration.kvBlocks())));
        final CellPlan plan = new CellPlan(
                new CellPlan.Size(deployment.nodes(), deployment.replicas(), 1, 0),
                deployment.ofProcesses() ? limits : limits.packed(),
                deployment.hosts(),
                CellPlan.Link.asMeasured(),
                CellPlan.Recovery.of(calibration));
        final StepTimes times = new StepTimes(calibration, calibration);
        final ShareRouting even =
                ShareRouting.uniform(times.shape().layerCount(), times.shape().expertCount());
        return new ExactCell(plan, times, even).run(requests(), List.of(), seed).outcome();
    }

    /** The same in figures. */
    ComparedFigures predicted(final Calibration calibration) {
        return ComparedFigures.of(requests(), simulated(calibration));
    }

    String words(final String kernels) {
        return String.format(
                Locale.ROOT,
                "%s, %s, %.3g requests/s, %s, %d requests",
                kernels,
                deployment.words(),
                rate,
                workload.words(),
                count);
    }
}
