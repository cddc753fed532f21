package io.cheshire.planner.runtime.validate;

import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.outcome.PoissonStreams;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.runtime.exact.ExactCell;
import java.util.List;

/**
 * What is asked of a cluster, simulated and real alike.
 *
 * @param nodes  expert nodes
 * @param cores  that all processes share; 0: nothing they do takes any
 * @param rate   requests a second
 * @param count  requests
 * @param prompt tokens, half to one and a half times as many
 * @param output tokens, likewise
 */
record LiveScenario(int nodes, int cores, double rate, int count, int prompt, int output, long seed) {
    private static final long WARM_SEED = 7;
    private static final int WARM_SHARE = 4;

    RequestStream requests() {
        return PoissonStreams.of(rate, count, around(prompt), around(output), seed);
    }

    /** Some of them, for compilers. */
    RequestStream warmUp() {
        return PoissonStreams.of(
                rate, Math.max(4, count / WARM_SHARE), around(prompt), around(output), seed + WARM_SEED);
    }

    private static Lengths around(final int mean) {
        return new Lengths(Math.max(1, mean / 2), Math.max(1, mean * 3 / 2));
    }

    int replicas() {
        return Math.min(2, nodes);
    }

    /** What the exact fidelity says of it. */
    ComparedFigures predicted(final Calibration calibration) {
        final CellPlan plan = new CellPlan(
                new CellPlan.Size(nodes, replicas(), 1, 0),
                CellPlan.RouterLimits.of(2, Math.toIntExact(Math.min(Integer.MAX_VALUE / 32, calibration.kvBlocks()))),
                new CellPlan.Hosts(cores),
                CellPlan.Link.asMeasured(),
                CellPlan.Recovery.of(calibration));
        final StepTimes times = new StepTimes(calibration, calibration);
        final ShareRouting even =
                ShareRouting.uniform(times.shape().layerCount(), times.shape().expertCount());
        return ComparedFigures.of(new ExactCell(plan, times, even)
                .run(requests(), List.of(), seed)
                .outcome());
    }

    String words(final String kernels) {
        return String.format(
                java.util.Locale.ROOT,
                "%s, %d nodes, R%d, %.2g requests/s, %d in, %d out, %d requests",
                kernels,
                nodes,
                replicas(),
                rate,
                prompt,
                output,
                count);
    }
}
