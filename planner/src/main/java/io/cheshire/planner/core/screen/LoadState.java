package io.cheshire.planner.core.screen;

/** How a fleet stands to a rate, as BLIS calls it. */
public enum LoadState {
    /** Queues empty again and again. */
    STABLE,
    /** It keeps up, and waiting takes longer than the work itself. */
    BACKLOGGED,
    /** It falls behind without end. */
    OVERLOADED
}
