package io.cheshire.planner.runtime.exact;

import io.cheshire.planner.core.outcome.CellOutcome;

/**
 * What an exact run came to.
 *
 * @param outcome      of the requests
 * @param untilWholeNs from the first strike until all units had their copies and all processes ran; -1: nothing struck
 * @param simulatedNs  virtual time, with the forming of the cluster
 */
public record ExactRun(CellOutcome outcome, long untilWholeNs, long simulatedNs) {}
