package io.cheshire.planner.core.step;

/**
 * What a cluster does while the duration of steps is measured.
 *
 * @param rows    of each step
 * @param lanes   busy at each router
 * @param routers that are busy
 * @param missing nodes that are away, their units with others
 */
public record StepState(int rows, int lanes, int routers, int missing) {}
