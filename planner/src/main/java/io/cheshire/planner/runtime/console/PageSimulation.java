package io.cheshire.planner.runtime.console;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cheshire.chaos.sim.SimLogs;
import io.cheshire.http.runtime.console.PlanDeskRefused;
import io.cheshire.planner.core.outcome.SimulatedRun;
import io.cheshire.planner.core.report.SimulatedTables;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.runtime.fleet.FleetSimulation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Simulates a plan's first fleet for the console, in the exact fidelity: one at a time and for a bounded time, since it
 * takes a core of a router. Safe from any thread.
 */
final class PageSimulation {
    private static final Duration MOST = Duration.ofSeconds(20);

    /** Layers of steps that may be simulated: some seconds, where nothing is late. */
    private static final double MOST_LAYERS = 400_000;

    /** Turns of idle agents, a thousand a second each: what a low rate costs. */
    private static final double MOST_TURNS = 1e6;

    private static final double TURNS_PER_SECOND = 1_000;
    private static final int MOST_REQUESTS = 200;
    private static final int FEWEST_REQUESTS = 5;
    private static final String REMEDY = "ask for a higher rate, shorter answers or fewer nodes here, or run"
            + " ./cheshire plan what-if --fidelity exact, which takes as long as it does";

    private final Semaphore one = new Semaphore(1);

    /**
     * Simulates.
     *
     * @throws PlanDeskRefused another one is simulated, the fleet doesn't fit, or time is over
     */
    ObjectNode run(final CapacityPlan plan, final long seed) {
        final FleetShape fleet = plan.fleet().first();
        final List<String> problems = MemoryBudget.of(plan, fleet).problems(fleet, plan.fleet());
        if (!MemoryBudget.of(plan, fleet).fits()) {
            throw new PlanDeskRefused(String.join("; ", problems));
        }
        if (!one.tryAcquire()) {
            throw new PlanDeskRefused("another plan is being simulated; try again when it is done");
        }
        final SimLogs silence = SimLogs.silenceThisThread();
        try {
            final SimulatedRun run = new FleetSimulation(plan, fleet, requests(plan, fleet), seed)
                    .exactly(plan.load().requestsPerSecond(), MOST, REMEDY);
            final ObjectNode root = JsonNodeFactory.instance.objectNode();
            SimulatedTables.into(root, run);
            return root.put("words", SimulatedTables.words(run.figures()))
                    .put("fleet", fleet.words())
                    .put("load", plan.load().source());
        } finally {
            silence.close();
            one.release();
        }
    }

    /** As many as can be simulated in a while. */
    private static int requests(final CapacityPlan plan, final FleetShape fleet) {
        final double layers =
                plan.model().shape().layerCount() * plan.load().lengths().meanOutput();
        final double seconds = MOST_TURNS / TURNS_PER_SECOND / (fleet.nodes() + fleet.routers());
        final double come = seconds * plan.load().requestsPerSecond() / fleet.cells();
        return (int) Math.clamp(Math.min(MOST_LAYERS / layers, come), FEWEST_REQUESTS, MOST_REQUESTS);
    }
}
