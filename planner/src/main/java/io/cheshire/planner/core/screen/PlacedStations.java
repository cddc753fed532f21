package io.cheshire.planner.core.screen;

import io.cheshire.balance.core.Assignment;
import io.cheshire.model.protocol.calibration.Calibration;
import io.cheshire.planner.core.cost.CostCurves;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.ExpertChoices;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Placements of fleets and what their nodes cost, each computed once: nine tenths of what a screen takes. None of it
 * depends on the load or on what was promised, so plans that differ in these alone may share it. Any thread.
 */
public final class PlacedStations {
    private final Of of;
    private final long seed;
    private final Map<Key, Placed> placed = new ConcurrentHashMap<>();

    /** What a placement of one kind of plan depends on. */
    private record Key(int nodes, int replicas, FleetOptions.Apart apart) {}

    /** A placement, and its stations at the fast end of the intervals, in the middle, and at the slow end. */
    private record Placed(Assignment placement, Map<Integer, ExpertStation> experts) {}

    /** All that they depend on beside the fleet's size and what copies are kept apart by. */
    private record Of(ExpertChoices routing, Calibration nodes, int racks) {
        static Of plan(final CapacityPlan plan) {
            return new Of(
                    plan.routing(), plan.nodeClass().calibration(), plan.fleet().racks());
        }
    }

    /** Of a plan; none is computed yet. */
    public PlacedStations(final CapacityPlan plan, final long seed) {
        this.of = Of.plan(plan);
        this.seed = seed;
    }

    /** Whether they are right for another plan, too. */
    public boolean fit(final CapacityPlan plan) {
        return of.equals(Of.plan(plan));
    }

    /** Fleets of which something is known. */
    public int size() {
        return placed.size();
    }

    /** Where the units of a fleet's cell are. */
    public Assignment placement(final FleetShape fleet, final FleetOptions options) {
        return placed(fleet, options).placement();
    }

    private Placed placed(final FleetShape fleet, final FleetOptions options) {
        return placed.computeIfAbsent(
                new Key(fleet.nodes(), fleet.replicas(), options.apart()),
                key -> new Placed(FleetPlacement.of(fleet, options, of.routing()), new ConcurrentHashMap<>()));
    }

    /** What a fleet's nodes cost at one end of the intervals. */
    ExpertStation experts(final FleetShape fleet, final FleetOptions options, final int end, final CostCurves node) {
        final Placed own = placed(fleet, options);
        return own.experts().computeIfAbsent(end, key -> new ExpertStation(of.routing(), own.placement(), node, seed));
    }
}
