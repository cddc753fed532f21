package io.cheshire.planner.core.outcome;

/** A simulated run's figures, and what pictures of it are drawn from. */
public record SimulatedRun(SimulatedFigures figures, RunPictures pictures) {}
