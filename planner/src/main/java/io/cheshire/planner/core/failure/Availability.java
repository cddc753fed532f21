package io.cheshire.planner.core.failure;

import java.util.List;

/**
 * What failures do to a fleet in a mean year.
 *
 * @param share          part of the year in which every token can be computed
 * @param attained       the same, less the time in which what is left carries too little
 * @param lost           seconds a year by what takes them
 * @param nodeFailures   of all cells, a year
 * @param secondYears    years between two failures of which the second strikes before the first one's copies are made
 *                       again, and both held a unit alone; infinite where that can't be
 * @param survives       what may be lost at once without a unit being without a holder
 * @param states         by nodes that are away
 */
public record Availability(
        double share,
        double attained,
        Lost lost,
        double nodeFailures,
        double secondYears,
        Survives survives,
        List<CapacityState> states) {
    public static final double SECONDS_PER_YEAR = 365 * 86_400.0;
    private static final double MONTHS = 12;

    /**
     * Seconds a year of one cell.
     *
     * @param withoutHolder in which a unit has none
     * @param gaps          until others compute what a lost node held
     * @param tooSlow       in which what is left carries less than is asked for, in proportion to what is turned away
     */
    public record Lost(double withoutHolder, double gaps, double tooSlow) {
        public double sum() {
            return withoutHolder + gaps + tooSlow;
        }
    }

    /** What a cell survives. */
    public record Survives(boolean anyNode, boolean anyRack, int racksThatAreFatal) {}

    /**
     * So many nodes away.
     *
     * @param probability of it
     * @param nodesLeft   that hold units, spares being used
     * @param knee        rate that they carry within the objectives, of all cells
     * @param enough      whether that is what is asked for
     */
    public record CapacityState(int away, double probability, int nodesLeft, double knee, boolean enough) {}

    public Availability {
        states = List.copyOf(states);
    }

    /** Seconds a month that a promise allows. */
    public static double budgetSeconds(final double promised) {
        return (1 - promised) * SECONDS_PER_YEAR / MONTHS;
    }

    /** Seconds a month that are used up. */
    public double usedSeconds() {
        return lost.sum() / MONTHS;
    }
}
