package io.cheshire.planner.core.step;

/**
 * What the other routers of a cluster do at a moment.
 *
 * @param busy    how many have a step under way
 * @param rows    of each of their steps, on average
 * @param nodesNs what nodes do for a layer of all of their lanes
 */
record Others(int busy, double rows, double nodesNs) {}
