package io.cheshire.chaos.sim;

import io.cheshire.chaos.sim.net.Paths;

/** What strikes in a run instead of chance. */
public interface SimScript {
    /**
     * Called once, when every unit has its copies: plans all that is to happen, from the world's now on.
     *
     * @param dataPaths ways of the data plane
     */
    void begin(SimContext context, SimHosts hosts, Paths dataPaths);

    /** So long after its begin everybody is healed, and the run must find back to progress. */
    long durationNs();

    /** Whether a measured run may end before that. */
    default boolean isOver() {
        return false;
    }

    /** Whether a measured run has to end with nothing under way. */
    default boolean settles() {
        return true;
    }
}
