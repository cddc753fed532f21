package io.cheshire.planner.core.screen;

import io.cheshire.balance.core.Assignment;
import io.cheshire.benchmarks.serve.core.LoadState;
import io.cheshire.planner.core.cost.CostCurves;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetShape;
import io.cheshire.planner.protocol.plan.PlanObjectives;
import java.util.ArrayList;
import java.util.List;

/**
 * The closed form for every fleet of one plan. What depends on a placement alone is computed once and kept; any number
 * of threads may ask, and the answers are the same.
 */
public final class Screen {
    /**
     * What the model itself is taken to be off by, beside its costs' intervals, until a validation has shown less.
     */
    public static final double MODEL_ERROR = 0.1;

    private static final int KNEE_HALVINGS = 14;
    private static final double MS = 1e-6;

    private final CapacityPlan plan;
    private final ScreenLimits limits;
    private final PlacedStations stations;

    /** Costs at one end of the intervals, for one fleet. */
    private record Variant(LoadCurve curve, LatencyModel latency, StepModel steps) {}

    private final List<CostCurves> nodes;
    private final List<CostCurves> routers;

    /** Of a plan. */
    public Screen(final CapacityPlan plan, final ScreenLimits limits, final long seed) {
        this(plan, limits, new PlacedStations(plan, seed));
    }

    /** The same with stations of an earlier plan that {@link PlacedStations#fit}. */
    public Screen(final CapacityPlan plan, final ScreenLimits limits, final PlacedStations stations) {
        if (!stations.fit(plan)) {
            throw new IllegalArgumentException("stations of a plan with another routing, device or racks");
        }
        this.plan = plan;
        this.limits = limits;
        this.stations = stations;
        this.nodes = ends(plan.nodeClass().calibration());
        this.routers = ends(plan.routerClass().calibration());
    }

    private static List<CostCurves> ends(final io.cheshire.model.protocol.calibration.Calibration calibration) {
        return List.of(
                CostCurves.atEnd(calibration, -1, MODEL_ERROR),
                CostCurves.of(calibration),
                CostCurves.atEnd(calibration, 1, MODEL_ERROR));
    }

    public CapacityPlan plan() {
        return plan;
    }

    /** Where the units of a fleet's cell are. */
    public Assignment placement(final FleetShape fleet) {
        return stations.placement(fleet, plan.fleet());
    }

    /** What the fleet does at the plan's rate. */
    public ScreenResult at(final FleetShape fleet) {
        return at(fleet, plan.load().requestsPerSecond());
    }

    /** The same at another rate. */
    public ScreenResult at(final FleetShape fleet, final double perSecond) {
        final MemoryBudget memory = MemoryBudget.of(plan, fleet);
        final int routersInAll = fleet.allRouters();
        final double each = perSecond / routersInAll;
        final List<Variant> variants = new ArrayList<>(3);
        final List<Latency> seen = new ArrayList<>(3);
        for (int end = 0; end < 3; end++) {
            final Variant variant = variant(fleet, end, memory);
            variants.add(variant);
            seen.add(variant.latency().at(each));
        }
        final Variant mid = variants.get(1);
        final LoadCurve.State state = mid.curve().at(each, true);
        final StepTime step = mid.curve().at(state.running());
        final double[] saturation = new double[3];
        final double[] knee = new double[3];
        for (int end = 0; end < 3; end++) {
            saturation[end] = variants.get(end).curve().saturation() * routersInAll;
            knee[end] = routersInAll * knee(variants.get(end));
        }
        final double[] slow = mid.latency().slowRows(state);
        return new ScreenResult(
                fleet,
                perSecond,
                PredictionInterval.of(saturation[1], saturation[0], saturation[2]),
                PredictionInterval.of(knee[1], knee[0], knee[2]),
                memory.fits() ? mid.curve().limit() : Station.MEMORY,
                loadState(mid, each, state),
                seen.get(1),
                bands(seen),
                step,
                use(fleet, mid.steps(), step, state, memory),
                memory,
                plan.isAssumed()
                        ? List.of("every time: nothing was measured")
                        : mid.steps().outside(slow[0], slow[1]));
    }

    /** Most requests a second that keep the objectives, with every cost as it is. */
    public double kneeOf(final FleetShape fleet) {
        return knee(variant(fleet, 1, MemoryBudget.of(plan, fleet))) * fleet.allRouters();
    }

    /** Mean time between tokens at the plan's rate, with every cost as it is. */
    public double itlMeanMs(final FleetShape fleet) {
        return variant(fleet, 1, MemoryBudget.of(plan, fleet))
                .latency()
                .at(plan.load().requestsPerSecond() / fleet.allRouters())
                .itlMs()
                .mean();
    }

    private Variant variant(final FleetShape fleet, final int end, final MemoryBudget memory) {
        final StepModel steps = new StepModel(
                plan.model(),
                routers.get(end),
                stations.experts(fleet, plan.fleet(), end, nodes.get(end)),
                plan.fleet().network(),
                fleet,
                new StepModel.HostShare(
                        plan.fleet().cores(),
                        plan.nodeClass().calibration().origin().threads(),
                        plan.routerClass().calibration().origin().threads()),
                plan.load().lengths());
        final double kvSequences =
                Math.max(0.1, memory.kvTokens() / plan.load().lengths().meanDecodeContext() / fleet.lanes());
        final LoadCurve curve = new LoadCurve(steps, plan.load(), fleet.lanes(), limits, kvSequences);
        return new Variant(
                curve,
                new LatencyModel(steps, curve, routers.get(end), fleet.lanes(), limits, plan.objectives()),
                steps);
    }

    /** Most requests a second of one router within the objectives: by halving, since all of it grows with the rate. */
    private double knee(final Variant variant) {
        final double most = variant.curve().saturation();
        if (!plan.objectives().hasLatency()) {
            return most;
        }
        double low = 0;
        double high = most;
        for (int i = 0; i < KNEE_HALVINGS; i++) {
            final double middle = (low + high) / 2;
            if (keeps(variant.latency().at(middle), plan.objectives())) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Whether what users see is what was promised; availability apart. */
    public static boolean keeps(final Latency latency, final PlanObjectives objectives) {
        return latency.ttftMs().p95() <= objectives.ttftP95Ms()
                && latency.itlMs().p99() <= objectives.itlP99Ms()
                && latency.goodput() >= objectives.goodput();
    }

    private LoadState loadState(final Variant mid, final double each, final LoadCurve.State state) {
        if (each >= mid.curve().saturation()) {
            return LoadState.of(false, 0, 0);
        }
        return LoadState.of(
                true,
                mid.latency().waiting(each, state, plan.load().lengths()).overallNs(),
                Math.max(mid.latency().promptNs(state), state.stepNs()));
    }

    private static ScreenResult.Bands bands(final List<Latency> seen) {
        final Latency mid = seen.get(1);
        final Latency fast = seen.get(0);
        final Latency slow = seen.get(2);
        return new ScreenResult.Bands(
                PredictionInterval.of(
                        mid.ttftMs().p95(), fast.ttftMs().p95(), slow.ttftMs().p95()),
                PredictionInterval.of(
                        mid.itlMs().mean(), fast.itlMs().mean(), slow.itlMs().mean()),
                PredictionInterval.of(
                        mid.itlMs().p99(), fast.itlMs().p99(), slow.itlMs().p99()),
                PredictionInterval.of(mid.goodput(), fast.goodput(), slow.goodput()));
    }

    private ScreenResult.Use use(
            final FleetShape fleet,
            final StepModel steps,
            final StepTime step,
            final LoadCurve.State state,
            final MemoryBudget memory) {
        final int layers = plan.model().shape().layerCount();
        final double rows = state.running() + state.prefillShare() * state.prefillRows();
        final double routerNs = fleet.lanes() * (layers * step.router().sumNs() + step.extraNs());
        // The chance that a lane has anything to do at all.
        final double working = -Math.expm1(-Math.max(state.running(), MS));
        return new ScreenResult.Use(
                working * steps.nodeBusy(rows, state.stepNs()),
                Math.min(1, working * routerNs / state.stepNs()),
                state.running()
                        * fleet.lanes()
                        * plan.load().lengths().meanDecodeContext()
                        / Math.max(1, memory.kvTokens()),
                state.running(),
                state.prefillShare(),
                fleet.lanes() * fleet.allRouters());
    }
}
