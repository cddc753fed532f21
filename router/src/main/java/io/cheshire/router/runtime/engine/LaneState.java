package io.cheshire.router.runtime.engine;

/**
 * What a lane is doing.
 *
 * <pre>
 *  IDLE ──planned──► ATTENTION ──done──► DISPATCHING ──all sent──► WAITING ──all in──► ATTENTION … or LOGITS
 *   ▲                    │failed            │   ▲ └──no node──► PARKED    │
 *   └────────────────────┴──abandoned───────┘   └──────requeued───────────┘         LOGITS ──done, failed──► IDLE
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
