package io.cheshire.planner.core.step;

/**
 * What the other routers of a cluster do at a moment.
 *
 * @param busy      how many have a step under way
 * @param rows      of each of their steps, on average
 * @param nodesNs   what nodes do for a layer of all of their lanes
 * @param longestNs the longest way of any of their lanes through a layer
 */
record Others(int busy, double rows, double nodesNs, double longestNs) {
    static final Others NONE = new Others(0, 0, 0, 0);
}
