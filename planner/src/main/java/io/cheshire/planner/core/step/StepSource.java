package io.cheshire.planner.core.step;

/** Where a table's durations come from: a simulation that is finer. Any thread; the same answer each time. */
@FunctionalInterface
public interface StepSource {
    /** Measures a few hundred steps in a state. */
    StepStatistics measure(StepState state);
}
