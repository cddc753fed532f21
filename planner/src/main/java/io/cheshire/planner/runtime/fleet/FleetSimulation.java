package io.cheshire.planner.runtime.fleet;

import io.cheshire.benchmarks.serve.core.Sweep;
import io.cheshire.planner.core.outcome.FleetOutcome;
import io.cheshire.planner.core.outcome.LoadJudge.Promise;
import io.cheshire.planner.core.outcome.PoissonStreams.Lengths;
import io.cheshire.planner.core.outcome.RateSweep;
import io.cheshire.planner.core.outcome.RunPictures;
import io.cheshire.planner.core.outcome.SimulatedFigures;
import io.cheshire.planner.core.outcome.SimulatedRun;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.routing.ShareRouting;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.core.step.StepCell;
import io.cheshire.planner.core.step.StepTable;
import io.cheshire.planner.core.step.StrikeTimes;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.episodes.Episode;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.ExpertChoices;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlanRefused;
import io.cheshire.planner.protocol.plan.PlannedNetwork;
import io.cheshire.planner.protocol.run.CellPlan;
import io.cheshire.planner.protocol.run.RequestStream;
import io.cheshire.planner.protocol.run.Strike;
import io.cheshire.planner.runtime.exact.EpisodePlays;
import io.cheshire.planner.runtime.exact.ExactCell;
import io.cheshire.planner.runtime.exact.ExactSteps;
import io.cheshire.planner.runtime.exact.ExactWatch;
import io.cheshire.planner.runtime.exact.RunBook;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/** One fleet of a plan, simulated instead of worked out. One thread asks. */
public final class FleetSimulation {
    private static final int BLOCK_TOKENS = 16;
    private static final double NS_PER_MS = 1e6;
    /** Longer than any run: nothing is promised. */
    private static final long NO_PROMISE_NS = Long.MAX_VALUE / 4;

    private final CapacityPlan plan;
    private final FleetShape fleet;
    private final long seed;
    private final int requests;
    private final CellPlan cell;
    private final StepTimes times;
    private final RowRouting routing;
    private final StepTable table;

    /** @param requests of each run, all cells together */
    public FleetSimulation(final CapacityPlan plan, final FleetShape fleet, final int requests, final long seed) {
        this.plan = plan;
        this.fleet = fleet;
        this.seed = seed;
        this.requests = requests;
        this.cell = cell(plan, fleet);
        this.times =
                new StepTimes(plan.routerClass().calibration(), plan.nodeClass().calibration());
        this.routing = routing(plan.routing());
        this.table = new StepTable(
                times,
                new ExactSteps(cell, times, routing, seed),
                fleet.routers(),
                fleet.lanes(),
                cell.limits().maxRowsPerStep());
        if (plan.load().lengths().longest() > cell.limits().kvTokens()) {
            throw new PlanRefused(List.of("the longest request has "
                    + Math.round(plan.load().lengths().longest())
                    + " tokens, a router's KV cache room for " + cell.limits().kvTokens()
                    + ": take a router class with more memory"));
        }
    }

    /** A cell of the fleet. */
    public static CellPlan cell(final CapacityPlan plan, final FleetShape fleet) {
        final PlannedNetwork network = plan.fleet().network();
        final double blocks = MemoryBudget.of(plan, fleet).kvTokens() / BLOCK_TOKENS;
        return new CellPlan(
                new CellPlan.Size(
                        fleet.nodes(),
                        fleet.replicas(),
                        fleet.routers(),
                        Math.min(fleet.nodes(), plan.fleet().racks())),
                CellPlan.RouterLimits.of(fleet.lanes(), (int) Math.clamp(blocks, 1, 1 << 24)),
                // On one host they are a local cluster.
                plan.fleet().cores() == 0
                        ? CellPlan.Hosts.own()
                        : new CellPlan.Hosts(plan.fleet().cores(), CellPlan.Threads.DOZING),
                new CellPlan.Link(network.bytesPerSecond(), network.rttNs()),
                CellPlan.Recovery.of(plan.nodeClass().calibration()));
    }

    /** Which experts simulated rows choose: as the plan says. */
    public static RowRouting routing(final ExpertChoices choices) {
        return new ShareRouting(
                choices.layers(),
                choices.experts(),
                choices.windows().stream()
                        .map(window ->
                                window.stream().mapToDouble(Double::doubleValue).toArray())
                        .toList(),
                choices.source(),
                choices.assumed());
    }

    private Promise promise() {
        return new Promise(
                ns(plan.objectives().ttftP95Ms()), ns(plan.objectives().itlP99Ms()));
    }

    private static long ns(final double ms) {
        return ms == Double.POSITIVE_INFINITY ? NO_PROMISE_NS : Math.round(ms * NS_PER_MS);
    }

    /** All cells at a rate of all of them, one event a step. */
    public SimulatedRun steps(final double perSecond) {
        final FleetOutcome outcome = new FleetSteps(cell, table, times, new StrikeTimes())
                .run(
                        PlannedRequests.of(plan.load(), perSecond, requests, seed),
                        Collections.nCopies(fleet.cells(), List.of()),
                        promise(),
                        seed,
                        Runtime.getRuntime().availableProcessors());
        return new SimulatedRun(SimulatedFigures.of("step", perSecond, outcome), RunPictures.of(outcome));
    }

    /** One cell with its part of the rate, every message of it; the others are like it. */
    public SimulatedRun exactly(final double perSecond) {
        final RunBook book = book();
        return exactly(perSecond, book, ExactWatch.noting(book));
    }

    /**
     * The same for so much real time at most.
     *
     * @throws PlanRefused it isn't enough
     */
    public SimulatedRun exactly(final double perSecond, final Duration most, final String remedy) {
        final RunBook book = book();
        return exactly(perSecond, book, ExactWatch.noting(book, most, remedy));
    }

    private RunBook book() {
        return new RunBook(
                cell.size(), times.shape().layerCount(), times.shape().expertCount());
    }

    private SimulatedRun exactly(final double perSecond, final RunBook book, final ExactWatch watch) {
        final RequestStream asked = PlannedRequests.of(plan.load(), perSecond / fleet.cells(), requests, seed);
        final FleetOutcome outcome = new FleetOutcome();
        outcome.add(
                new ExactCell(cell, times, routing, watch)
                        .run(asked, List.of(), seed)
                        .outcome(),
                asked,
                promise());
        return new SimulatedRun(
                SimulatedFigures.of("exact", perSecond / fleet.cells(), outcome),
                RunPictures.of(outcome, book.use(), book.expertRows()));
    }

    /** Plays a failure of a cell so often, under the plan's load. */
    public Episode play(final Strike.Kind kind, final long lastingNs, final int plays) {
        final double perCell = plan.load().requestsPerSecond() / fleet.cells();
        final Lengths prompts = around(plan.load().computedPrompt());
        final Lengths outputs = around(plan.load().lengths().meanOutput());
        return new EpisodePlays(
                        cell, times, routing, new EpisodePlays.Load(perCell, requests, prompts, outputs), promise())
                .play(kind, lastingNs, plays, seed);
    }

    private static Lengths around(final double mean) {
        return new Lengths((int) Math.max(1, mean / 2), (int) Math.max(1, mean * 3 / 2));
    }

    /** The highest rate that a cell carries, found by rising rates, and all that were looked at. */
    public RateSweep.Result sweep(final double firstRate) {
        return new RateSweep(
                        rate -> {
                            final RequestStream asked = PlannedRequests.of(plan.load(), rate, requests, seed);
                            return new RateSweep.Run(
                                    asked,
                                    new StepCell(
                                                    cell,
                                                    table,
                                                    times,
                                                    asked,
                                                    List.of(),
                                                    new StrikeTimes(),
                                                    new StepCell.Part(0, seed))
                                            .run());
                        },
                        promise(),
                        Math.max(plan.objectives().goodput(), plan.objectives().hasLatency() ? Sweep.GOOD : 0))
                .from(firstRate);
    }
}
