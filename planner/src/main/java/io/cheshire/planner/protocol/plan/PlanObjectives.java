package io.cheshire.planner.protocol.plan;

/**
 * What is promised.
 *
 * @param ttftP95Ms    most time to the first token for 95 of 100 requests; infinite where nothing is promised
 * @param itlP99Ms     most time between two tokens for 99 of 100; likewise
 * @param goodput      share of requests whose first token comes within the time of {@code ttftP95Ms} and whose mean
 *                     time between tokens is within that of {@code itlP99Ms}; 0 where nothing is promised
 * @param availability share of a year in which every token can be computed; likewise
 */
public record PlanObjectives(double ttftP95Ms, double itlP99Ms, double goodput, double availability) {
    public static PlanObjectives none() {
        return new PlanObjectives(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0, 0);
    }
}
