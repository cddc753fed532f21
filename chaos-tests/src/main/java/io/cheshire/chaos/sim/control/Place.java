package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.world.SimProcess;

/** Somebody in the simulated control plane whom a coordinator can answer, as it can an actor. */
public sealed interface Place permits NodeControl, RouterControl, OperatorPlace {
    /** The same for two starts of one process, and for nobody else. */
    String path();

    /** Whether it is, or was, in this process. */
    boolean isIn(SimProcess process);
}
