package io.cheshire.planner.core.outcome;

import io.cheshire.benchmarks.serve.core.LoadState;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What a simulation of a fleet came to.
 *
 * @param fidelity        step or exact
 * @param requests        simulated, of all cells
 * @param perSecond       that came
 * @param state           of the cell that stood worst
 * @param goodput         part of the requests that kept the promises
 * @param tokensPerSecond from the first arrival to the last end
 * @param latencies       ms, by name
 * @param failed          requests that were rejected or broke off
 * @param steps           of routers
 */
public record SimulatedFigures(
        String fidelity,
        long requests,
        double perSecond,
        LoadState state,
        double goodput,
        double tokensPerSecond,
        List<LatencyFigure> latencies,
        long failed,
        long steps) {
    private static final double NS_PER_MS = 1e6;

    public SimulatedFigures {
        latencies = List.copyOf(latencies);
    }

    /** One kind of latency, ms. */
    public record LatencyFigure(String name, double mean, double p50, double p95, double p99) {
        static LatencyFigure of(final String name, final Histogram ns) {
            return new LatencyFigure(
                    name,
                    ns.getTotalCount() == 0 ? 0 : ns.getMean() / NS_PER_MS,
                    ns.getValueAtPercentile(50) / NS_PER_MS,
                    ns.getValueAtPercentile(95) / NS_PER_MS,
                    ns.getValueAtPercentile(99) / NS_PER_MS);
        }
    }

    /** Of cells that are added up. */
    public static SimulatedFigures of(final String fidelity, final double perSecond, final FleetOutcome fleet) {
        return new SimulatedFigures(
                fidelity,
                fleet.requests(),
                perSecond,
                fleet.state(),
                fleet.goodput(),
                fleet.tokensPerSecond(),
                List.of(
                        LatencyFigure.of("TTFT", fleet.ttft()),
                        LatencyFigure.of("ITL", fleet.itl()),
                        LatencyFigure.of("E2E", fleet.e2e())),
                fleet.failed() + fleet.rejected(),
                fleet.steps());
    }
}
