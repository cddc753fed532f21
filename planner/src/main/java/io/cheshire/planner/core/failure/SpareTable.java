package io.cheshire.planner.core.failure;

import io.cheshire.balance.core.Assignment;
import io.cheshire.planner.core.screen.FleetPlacement;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FleetOptions;
import io.cheshire.planner.protocol.plan.FleetOptions.Apart;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.ArrayList;
import java.util.List;

/** Availability by replicas, spares and what copies are kept apart by: what one more of each buys. */
public final class SpareTable {
    private static final int MOST_REPLICAS = 3;
    private static final int MOST_SPARES = 2;

    private SpareTable() {}

    /**
     * One cell of the table.
     *
     * @param fits         whether memory holds so many copies
     * @param share        part of the year in which every token can be computed
     * @param secondsAYear that are lost, of one cell of the fleet
     */
    public record Row(
            int replicas,
            int spares,
            Apart apart,
            boolean fits,
            double share,
            double secondsAYear,
            boolean survivesAnyRack) {}

    /** Of a fleet, with other copies and spares. */
    public static List<Row> of(final CapacityPlan plan, final FleetShape fleet) {
        return of(plan, fleet, (own, options) -> FleetPlacement.of(own, options, plan.routing()));
    }

    /** Where units of a fleet are, if somebody knows already. */
    public interface Placements {
        /** Of one cell. */
        Assignment of(FleetShape fleet, FleetOptions options);
    }

    /** The same by placements that somebody keeps. */
    public static List<Row> of(final CapacityPlan plan, final FleetShape fleet, final Placements placements) {
        final List<Row> rows = new ArrayList<>();
        for (final Apart apart : plan.fleet().racks() > 1 ? List.of(Apart.HOST, Apart.RACK) : List.of(Apart.HOST)) {
            final CapacityPlan other = plan.with(plan.fleet().apartBy(apart));
            for (int replicas = 1; replicas <= Math.min(MOST_REPLICAS, fleet.nodes()); replicas++) {
                final Assignment placement = placements.of(fleet.withCopies(replicas, 0), other.fleet());
                for (int spares = 0; spares <= MOST_SPARES; spares++) {
                    final FleetShape own = fleet.withCopies(replicas, spares);
                    final Availability found = new AvailabilityModel(other)
                            .of(own, placement, left -> plan.load().requestsPerSecond());
                    rows.add(new Row(
                            replicas,
                            spares,
                            apart,
                            MemoryBudget.of(other, own).fits(),
                            found.share(),
                            found.lost().withoutHolder() + found.lost().gaps(),
                            found.survives().anyRack()));
                }
            }
        }
        return rows;
    }
}
