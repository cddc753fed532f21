package io.cheshire.chaos.experiment.protocol;

import java.time.Duration;

/**
 * What keeps an experiment small: a fault that would go beyond is not done, and the experiment ends.
 *
 * @param maxNodesDown expert nodes that may be hit or away at once
 * @param leastHolders nodes that each unit must still have beside those that are hit
 * @param maxDuration  of the load, the faults and the way back together
 */
public record ExperimentLimits(int maxNodesDown, int leastHolders, Duration maxDuration) {}
