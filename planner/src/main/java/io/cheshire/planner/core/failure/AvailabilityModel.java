package io.cheshire.planner.core.failure;

import io.cheshire.balance.core.Assignment;
import io.cheshire.planner.core.screen.FleetPlacement;
import io.cheshire.planner.core.screen.MemoryBudget;
import io.cheshire.planner.protocol.plan.CapacityPlan;
import io.cheshire.planner.protocol.plan.FailureRates;
import io.cheshire.planner.protocol.plan.FleetShape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * Joins what is the case (states: how many nodes are down, and whether every unit has a holder) with what happens at
 * each change (episodes: a gap, copies made again): renewal-reward. A node that is down counts against its units only
 * until their copies are made elsewhere, if memory has room for them, and against capacity until it is repaired.
 */
public final class AvailabilityModel {
    private static final double HOURS_PER_YEAR = 8_760;
    private static final double SECONDS_PER_HOUR = 3_600;
    private static final int MOST_AWAY = 8;
    private static final double LIKELY = 1e-9;

    private final CapacityPlan plan;
    private final FailureRates rates;

    public AvailabilityModel(final CapacityPlan plan) {
        this.plan = plan;
        this.rates = plan.failures();
    }

    /**
     * Of a fleet.
     *
     * @param placement of a cell's units
     * @param knee      rate of all cells, given the nodes a cell has left
     */
    public Availability of(final FleetShape fleet, final Assignment placement, final IntToDoubleFunction knee) {
        final MemoryBudget memory = MemoryBudget.of(plan, fleet);
        final int nodes = fleet.nodes();
        final int racks = Math.min(plan.fleet().racks(), nodes);
        final UnitCoverage coverage = new UnitCoverage(placement, nodes);
        final long[] rackMasks = rackMasks(nodes, racks);
        final double withoutHolder = Availability.SECONDS_PER_YEAR
                * new DownStates(nodes, uncopiedShare(memory.roomForNode()), racks, rackShare(memory.roomForRack()))
                        .uncovered(coverage, rackMasks);
        int fatalRacks = 0;
        for (final long mask : rackMasks) {
            fatalRacks += coverage.isFatal(mask) ? 1 : 0;
        }
        final boolean anyNode = coverage.fatalShare(0, 1) == 0;
        final double failures =
                nodes * (rates.device().perHour() + rates.process().perHour()) * HOURS_PER_YEAR;
        final double rackFailures = racks * rates.rack().perHour() * HOURS_PER_YEAR;
        // What leaves units without a holder is in the states already.
        final double gaps = rates.episode().gapSeconds()
                * ((anyNode ? failures : 0) + rackFailures * (racks == 0 ? 0 : 1 - (double) fatalRacks / racks));
        final List<Availability.CapacityState> states = states(fleet, racks, knee);
        final double tooSlow = tooSlowSeconds(states);
        final Availability.Lost lost = new Availability.Lost(withoutHolder, gaps, tooSlow);
        return new Availability(
                1 - (withoutHolder + gaps) / Availability.SECONDS_PER_YEAR,
                1 - lost.sum() / Availability.SECONDS_PER_YEAR,
                lost,
                failures * fleet.cells(),
                secondYears(nodes, memory.roomForNode(), coverage),
                new Availability.Survives(anyNode, racks > 1 && fatalRacks == 0, fatalRacks),
                states);
    }

    /** Part of time in which a node is down and its copies aren't made again. */
    private double uncopiedShare(final boolean room) {
        final double device = rates.device().downShare(windowHours(rates.device(), room));
        final double process = rates.process().downShare(windowHours(rates.process(), room));
        return 1 - (1 - device) * (1 - process);
    }

    private double rackShare(final boolean room) {
        return rates.rack().downShare(windowHours(rates.rack(), room));
    }

    private double windowHours(final FailureRates.Failure failure, final boolean room) {
        final double repair = failure.meanRepairHours();
        return room ? Math.min(repair, rates.episode().restoreSeconds() / SECONDS_PER_HOUR) : repair;
    }

    private static long[] rackMasks(final int nodes, final int racks) {
        final long[] masks = new long[racks];
        for (int node = 0; node < nodes && racks > 0; node++) {
            masks[FleetPlacement.rackOf(node, nodes, racks)] |= 1L << node;
        }
        return masks;
    }

    /** A first failure, and in its window one of those that would leave a unit without a holder. */
    private double secondYears(final int nodes, final boolean room, final UnitCoverage coverage) {
        final double perYear = rates.device().perHour() * HOURS_PER_YEAR;
        final double windowYears = windowHours(rates.device(), room) / HOURS_PER_YEAR;
        final double fatal = nodes < 2 ? 1 : coverage.fatalShare(0, 2);
        final double each = nodes * perYear * (nodes - 1) * perYear * windowYears * fatal;
        return each == 0 ? Double.POSITIVE_INFINITY : 1 / each;
    }

    private List<Availability.CapacityState> states(
            final FleetShape fleet, final int racks, final IntToDoubleFunction knee) {
        final int nodes = fleet.nodes();
        final int rackNodes = racks == 0 ? 0 : Math.ceilDiv(nodes, racks);
        final double down = rates.device().downShare() + rates.process().downShare();
        final double rackDown = racks == 0 ? 0 : 1 - Math.pow(1 - rates.rack().downShare(), racks);
        final double updating = Math.min(
                1,
                (double) nodes
                        * rates.update().minutesPerNode()
                        / 60
                        / rates.update().everyHours());
        final List<Availability.CapacityState> states = new ArrayList<>();
        final int most = Math.min(nodes - 1, Math.max(MOST_AWAY, rackNodes + 2));
        for (int away = 0; away <= most; away++) {
            double probability = 0;
            for (int rack = 0; rack <= (rackDown > 0 ? 1 : 0); rack++) {
                for (int update = 0; update <= (updating > 0 ? 1 : 0); update++) {
                    final int own = away - rack * rackNodes - update;
                    if (own >= 0) {
                        probability += (rack == 0 ? 1 - rackDown : rackDown)
                                * (update == 0 ? 1 - updating : updating)
                                * DownStates.exactly(nodes, own, down);
                    }
                }
            }
            if (away == 0 || probability > LIKELY) {
                final int left = nodes - Math.max(0, away - fleet.spares());
                final boolean can = left >= fleet.replicas() && left > 0;
                final double carried = can ? knee.applyAsDouble(left) : 0;
                states.add(new Availability.CapacityState(
                        away, probability, left, carried, carried >= plan.load().requestsPerSecond()));
            }
        }
        return states;
    }

    private double tooSlowSeconds(final List<Availability.CapacityState> states) {
        final double asked = plan.load().requestsPerSecond();
        final double whole = states.getFirst().knee();
        double seconds = 0;
        for (final Availability.CapacityState state : states) {
            // What a whole fleet can't carry either isn't the failures' doing.
            final double turnedAway = Math.max(0, Math.min(asked, whole) - state.knee()) / asked;
            seconds += state.probability() * turnedAway * Availability.SECONDS_PER_YEAR;
        }
        return seconds;
    }
}
