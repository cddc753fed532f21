package io.cheshire.router.runtime.engine;

/**
 * What a lane is doing.
 *
 * <pre>
 *   from                         | to          | when
 *   -----------------------------|-------------|--------------------------------------------------
 *   IDLE                         | ATTENTION   | a step is planned
 *   ATTENTION                    | DISPATCHING | the job is done: the layer's shards are to be sent
 *   ATTENTION                    | IDLE        | the job failed
 *   DISPATCHING, PARKED          | WAITING     | all shards are out
 *   DISPATCHING, WAITING         | PARKED      | a shard's unit has no live node
 *   PARKED, WAITING              | DISPATCHING | a shard is to be sent, perhaps again, and has a node
 *   DISPATCHING, PARKED, WAITING | ATTENTION   | all results are in, and another layer follows
 *   DISPATCHING, PARKED, WAITING | LOGITS      | all results of the last layer are in
 *   DISPATCHING, PARKED, WAITING | IDLE        | the step is abandoned, since nobody waits for it
 *   LOGITS                       | IDLE        | the job is done, or failed
 * </pre>
 */
enum LaneState {
    /** No step. */
    IDLE,
    /** A device job: embedding before layer 0, combine of the layer before, attention, gate. */
    ATTENTION,
    /** Shards wait for credit, back-pressure or back-off. */
    DISPATCHING,
    /** A shard's unit has no live node. */
    PARKED,
    /** All shards are out. */
    WAITING,
    /** A device job: combine of the last layer, logits, sampling. */
    LOGITS;

    /** Whether the table above has this move. */
    boolean mayBecome(final LaneState next) {
        return switch (this) {
            case IDLE -> next == ATTENTION;
            case ATTENTION -> next == DISPATCHING || next == IDLE;
            case DISPATCHING, PARKED, WAITING -> next != this;
            case LOGITS -> next == IDLE;
        };
    }
}
