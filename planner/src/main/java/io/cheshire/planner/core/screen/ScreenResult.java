package io.cheshire.planner.core.screen;

import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.List;

/**
 * What the closed form says of one fleet at one rate.
 *
 * @param perSecond  the rate, of all cells
 * @param saturation rate above which it falls behind
 * @param knee       most that keeps the objectives; saturation where there are none
 * @param bottleneck what keeps it from carrying more
 * @param latency    what users see
 * @param bands      intervals of that
 * @param step       where a mean step's time goes
 * @param use        how busy parts are
 * @param outside    what isn't covered by what was measured; empty: all is
 */
public record ScreenResult(
        FleetShape fleet,
        double perSecond,
        PredictionInterval saturation,
        PredictionInterval knee,
        Station bottleneck,
        LoadState state,
        Latency latency,
        Bands bands,
        StepTime step,
        Use use,
        MemoryBudget memory,
        List<String> outside) {
    /** Intervals of what users see. */
    public record Bands(
            PredictionInterval ttftP95Ms,
            PredictionInterval itlMeanMs,
            PredictionInterval itlP99Ms,
            PredictionInterval goodput) {}

    /**
     * How busy parts are.
     *
     * @param nodeBusy    part of time that the busiest node computes
     * @param routerBusy  part of time that a router's device and copying threads work
     * @param kvShare     part of the KV cache in use
     * @param running     sequences a lane
     * @param prefillShare part of the steps with prefill
     * @param lanes       of all routers
     */
    public record Use(
            double nodeBusy, double routerBusy, double kvShare, double running, double prefillShare, int lanes) {}

    public ScreenResult {
        outside = List.copyOf(outside);
    }

    public boolean fits() {
        return memory.fits();
    }

    /** Output tokens a second of each expert node, at the rate asked for. */
    public double tokensPerNode(final double meanOutput) {
        return perSecond * meanOutput / fleet.allNodes();
    }

    /** Output tokens a second that one user gets. */
    public double tokensPerUser() {
        return 1e3 / latency.itlMs().mean();
    }
}
