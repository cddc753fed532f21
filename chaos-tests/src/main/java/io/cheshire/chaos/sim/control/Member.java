package io.cheshire.chaos.sim.control;

import io.cheshire.chaos.sim.world.SimProcess;

/** A process of the cluster that serves: an expert node or a router. */
public interface Member {
    /** The process. */
    SimProcess process();

    /** Its incarnation. */
    long incarnation();

    /** Tells a coordinator that this incarnation is gone. */
    void tellGone(SimCoordinator coordinator, long incarnation);

    /** The cluster removed this process: it ends and is started anew. */
    void removed();
}
