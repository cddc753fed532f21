package io.cheshire.planner.protocol.plan;

import java.util.List;

/**
 * What is asked of the planner.
 *
 * @param routing     which experts tokens choose: shares of one window after the other, by unit
 * @param growth      multiples of the load to look at
 * @param assumptions what nobody measured, for people; every answer repeats them
 */
public record CapacityPlan(
        PlannedModel model,
        PlannedLoad load,
        ExpertChoices routing,
        PlanObjectives objectives,
        FleetOptions fleet,
        DeviceClass nodeClass,
        DeviceClass routerClass,
        FailureRates failures,
        HourlyCosts costs,
        List<Double> growth,
        List<String> assumptions) {
    public CapacityPlan {
        growth = List.copyOf(growth);
        assumptions = List.copyOf(assumptions);
    }

    /** The same with another load. */
    public CapacityPlan with(final PlannedLoad other) {
        return new CapacityPlan(
                model, other, routing, objectives, fleet, nodeClass, routerClass, failures, costs, growth, assumptions);
    }

    /** The same with another routing. */
    public CapacityPlan with(final ExpertChoices other) {
        return new CapacityPlan(
                model, load, other, objectives, fleet, nodeClass, routerClass, failures, costs, growth, assumptions);
    }

    /** The same with other fleets. */
    public CapacityPlan with(final FleetOptions other) {
        return new CapacityPlan(
                model, load, routing, objectives, other, nodeClass, routerClass, failures, costs, growth, assumptions);
    }

    /** The same with other failures. */
    public CapacityPlan with(final FailureRates other) {
        return new CapacityPlan(
                model, load, routing, objectives, fleet, nodeClass, routerClass, other, costs, growth, assumptions);
    }

    /** Whether any time in it comes from a data sheet instead of a measurement. */
    public boolean isAssumed() {
        return nodeClass.calibration().origin().assumed()
                || routerClass.calibration().origin().assumed();
    }
}
