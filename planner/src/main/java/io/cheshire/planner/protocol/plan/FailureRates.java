package io.cheshire.planner.protocol.plan;

import java.util.List;

/**
 * What fails how often, and how long until it is back.
 *
 * @param device  a node's machine or accelerator
 * @param process a node's process, which its supervisor starts again
 * @param rack    a failure domain as a whole; an infinite mean time where none is known
 * @param update  how nodes are replaced on purpose
 * @param episode what a failure costs while it is noticed and repaired
 * @param source  where the figures come from, for people
 */
public record FailureRates(
        Failure device, Failure process, Failure rack, RollingUpdate update, EpisodeTimes episode, String source) {
    /** How often one of a kind fails, and the mean time until it is back, hours. */
    public record Failure(double mtbfHours, List<Repair> repairs) {
        public Failure {
            repairs = List.copyOf(repairs);
        }

        /** Never fails. */
        public static Failure never() {
            return new Failure(Double.POSITIVE_INFINITY, List.of(new Repair("none", 1, 0)));
        }

        public double meanRepairHours() {
            return repairs.stream().mapToDouble(r -> r.share() * r.hours()).sum();
        }

        /** Failures of one an hour. */
        public double perHour() {
            return 1 / mtbfHours;
        }

        /** Part of time in which one is down, however its repairs are distributed. */
        public double downShare() {
            return downShare(meanRepairHours());
        }

        /** The same if it counts as down for so long each time. */
        public double downShare(final double hours) {
            return mtbfHours == Double.POSITIVE_INFINITY ? 0 : hours / (mtbfHours + hours);
        }

        /** One that fails less or more often. */
        public Failure scaled(final double factor) {
            return new Failure(mtbfHours * factor, repairs);
        }
    }

    /** A kind of repair: its share of all, and how long it takes. */
    public record Repair(String name, double share, double hours) {}

    /**
     * Updates.
     *
     * @param everyHours      time from one to the next; infinite: none
     * @param minutesPerNode  for which a node is away
     */
    public record RollingUpdate(double everyHours, double minutesPerNode) {
        public static RollingUpdate never() {
            return new RollingUpdate(Double.POSITIVE_INFINITY, 0);
        }
    }

    /**
     * What a failure costs.
     *
     * @param gapSeconds     without tokens, where another node holds the units
     * @param restoreSeconds until units are loaded elsewhere, where memory has room
     * @param source         where the figures come from
     */
    public record EpisodeTimes(double gapSeconds, double restoreSeconds, String source) {}

    /** The same where everything fails less or more often. */
    public FailureRates scaled(final double factor) {
        return new FailureRates(
                device.scaled(factor), process.scaled(factor), rack.scaled(factor), update, episode, source);
    }
}
