package io.cheshire.chaos.sim.check;

/** What happens to a shard between the exchange and the transport. */
public enum ShardEvent {
    SENT,
    SENT_IN_PART,
    BACK_PRESSURED,
    NOT_CONNECTED,
    RESULT,
    RESULT_OF_OLD_ATTEMPT,
    NACK_NOT_RESIDENT,
    NACK_DRAINING,
    NACK_OVERLOADED,
    NACK_BAD_FRAME,
    NACK_COMPUTE_FAILED,
    NACK_DEVICE_LOST,
    NACK_OF_OLD_ATTEMPT,
    NODE_LOST,
    NODE_READY,
    NODE_SUSPECTED,
    NODE_RECOVERED,
    PLACEMENT
}
