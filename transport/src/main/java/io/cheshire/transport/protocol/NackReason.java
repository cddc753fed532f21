package io.cheshire.transport.protocol;

/** Why a node didn't compute a shard. The shard is unharmed: the router sends it elsewhere or again. */
public enum NackReason {
    /** The node doesn't hold the unit, or holds it no longer. */
    NOT_RESIDENT,
    /** The node is leaving and takes no new shards. */
    DRAINING,
    /** The router sent more rows than it had credits for. */
    OVERLOADED,
    /** The frame failed the gate. */
    BAD_FRAME,
    /** The router's model is another one. */
    WRONG_MODEL,
    /** The router's frame version is another one. */
    WRONG_VERSION,
    /** The kernel failed on this shard; the node is healthy. */
    COMPUTE_FAILED,
    /** The node's device computes nothing any more; the node is about to leave, and other shards fare no better. */
    DEVICE_LOST
}
