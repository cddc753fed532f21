package io.cheshire.coordinator.core;

/** What the coordinator is doing; follows from the state, see {@link PlacementState#phase()}. */
public enum Phase {
    /** Waits for nodes; nothing is published yet. Units of nodes that are there are loaded already. */
    FORMING,
    /** Nodes load units that the next epoch will list. */
    PREPARING,
    /** An epoch is published and a router has not acknowledged it. */
    PUBLISHING,
    /** Every router acknowledged; nodes free what the epoch doesn't list. */
    RELEASING,
    /** Nothing to do. */
    STEADY
}
