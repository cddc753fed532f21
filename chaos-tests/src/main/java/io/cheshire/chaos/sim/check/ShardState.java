package io.cheshire.chaos.sim.check;

/** A shard as seen between the exchange and the transport. */
public enum ShardState {
    /** Never sent, or long over. */
    UNKNOWN,
    /** Some of its frames are in the channel. */
    SENDING,
    /** All of it is in the channel. */
    SENT,
    /** Two attempts or more are under way. */
    HEDGED,
    /** Some of its rows are back. */
    PARTLY_ANSWERED,
    /** Refused, or its node is lost: to be sent again. */
    TO_RETRY,
    /** All its rows are back. */
    ANSWERED
}
