package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.PlacementEvent;

/** Looks on at each step of a coordinator's placement machine: for checks and figures, never for decisions. */
@FunctionalInterface
public interface StepObserver {
    /** Nobody looks on. */
    StepObserver NONE = (before, event, step, nowNs) -> {};

    /** {@code event} met {@code before} at {@code nowNs} and led to {@code step}. */
    void stepped(PlacementState before, PlacementEvent event, PlacementMachine.Step step, long nowNs);
}
