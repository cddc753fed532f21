package io.cheshire.chaos.sim;

/** The families of faults; each is on or off for a whole run, so that some runs have only one. */
public enum FaultKind {
    /** Packets are lost: more than usual on one way, for a while. */
    LOSS,
    /** One host answers late. */
    STRAGGLER,
    /** Bits flip that no layer below notices. */
    CORRUPTION,
    /** Frames arrive twice; raw networks only. */
    DUPLICATION,
    /** Frames overtake each other; raw networks only. */
    REORDERING,
    /** Frames of the past, perhaps of another life of their sender, come again. */
    REPLAY,
    /** Data plane: a subset of the hosts is cut off from the others. */
    PARTITION_DATA,
    /** Data plane: one direction between two hosts is cut. */
    PARTITION_DATA_ONE_WAY,
    /** Data plane: a random half of the hosts is clogged one by one, and unclogged in another order. */
    CLOG,
    /** Control plane: a subset of the hosts is cut off from the others. */
    PARTITION_CONTROL,
    /** Control plane: one direction between two hosts is cut. */
    PARTITION_CONTROL_ONE_WAY,
    /** An expert node dies and comes back with its units on disk. */
    NODE_CRASH_WARM,
    /** An expert node dies and comes back; its units must come from far away. */
    NODE_CRASH_COLD,
    /** A router dies and comes back. */
    ROUTER_CRASH,
    /** A process stands still, as under SIGSTOP. */
    PAUSE,
    /** A node computes slowly. */
    SLOW_NODE,
    /** A node loads slowly. */
    SLOW_LOAD,
    /** A node can't load units. */
    FAILED_LOAD,
    /** A node has less memory than it says. */
    FULL_MEMORY,
    /** A kernel call fails. */
    COMPUTE_FAILURE,
    /** The coordinator dies; another one follows. */
    COORDINATOR_CRASH,
    /** The coordinator is cut off or stands still until another one follows; then it wakes. */
    COORDINATOR_ZOMBIE,
    /** A process's clock jumps ahead. */
    CLOCK_JUMP,
    /** A node leaves in order and comes back. */
    DRAIN,
    /** An operator moves units, drains nodes, and changes his mind. */
    WISHES,
    /** A client goes away. */
    CANCEL
}
