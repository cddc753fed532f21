package io.cheshire.chaos.sim;

import java.util.List;
import java.util.stream.Stream;

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
    CANCEL,
    /** Two halves don't hear each other and one host hears both, on either plane. */
    BRIDGE,
    /** Every host hears a majority, and no two the same, on either plane. */
    MAJORITIES_RING,
    /** The way between two hosts is up and down in turn, on either plane. */
    FLAPPING_LINK,
    /** An expert node dies again and again soon after it started. */
    CRASH_LOOP,
    /** The network ends the routers' lifelines to a node that lives. */
    LIFELINE_CUT,
    /** A node reads other bytes of units than others have read before; in such runs copies are compared, too. */
    OTHER_BYTES,
    /** A host's media driver answers late, or refuses channels. */
    MEDIA_DRIVER,
    /** Somebody who isn't of the cluster, or is one too many, says Hello to a node. */
    STRANGER,
    /** A router's clients go away, and it leaves in order and comes back. */
    ROUTER_LEAVE,
    /** Somebody tells the coordinator that a node has ended: at once, too late, or though it lives. */
    NODE_DOWNED,
    /** Somebody wants to see the cluster as it is now, and soon. */
    LOOK,
    /** The connection between a member and its coordinator breaks: what is under way on it is lost. */
    CONTROL_RESET,
    /** All nodes of a rack die at once; some come back in another rack. */
    RACK_LOSS,
    /** A node's GPU is lost: it refuses every shard for a moment, then it leaves and is started anew. */
    DEVICE_LOSS;

    /**
     * Thought of later: which of the others a seed has on doesn't change with these, nor does any with LIFELINE_CUT,
     * drawn last, and those drawn apart.
     */
    public static final List<FaultKind> LATER = List.of(BRIDGE, MAJORITIES_RING, FLAPPING_LINK, CRASH_LOOP);

    /** Thought of later still, and drawn from numbers of their own. */
    static final List<FaultKind> APART = List.of(
            OTHER_BYTES,
            MEDIA_DRIVER,
            STRANGER,
            ROUTER_LEAVE,
            NODE_DOWNED,
            LOOK,
            CONTROL_RESET,
            RACK_LOSS,
            DEVICE_LOSS);

    public static final List<FaultKind> EARLIER = Stream.of(values())
            .filter(kind -> kind != LIFELINE_CUT && !APART.contains(kind) && !LATER.contains(kind))
            .toList();
}
