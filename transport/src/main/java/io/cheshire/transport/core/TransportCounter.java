package io.cheshire.transport.core;

/** What one end of the data plane counts. Rejects of the gate are counted by the gate, by verdict. */
public enum TransportCounter {
    /** Frames handed to channels that carry rows. */
    ROW_FRAMES_SENT,
    /** Frames with rows that passed the gate and belong to a link that is up. */
    ROW_FRAMES_RECEIVED,
    /** Frames of a link that isn't up, of an earlier incarnation, or replayed: dropped. */
    STALE_FRAMES,
    /** Handshakes that ended with a link. */
    HANDSHAKES_ACCEPTED,
    /** Frames of a link that its peer didn't send, or that were changed on the way: dropped. */
    FRAMES_FORGED,
    /** Frames of a link that had come before: dropped. */
    FRAMES_REPLAYED,
    /** Fragments of senders without a link, and of frames that grew too long: dropped. */
    FRAGMENTS_DROPPED,
    /** Handshakes refused. */
    HANDSHAKES_REFUSED,
    /**
     * Handshakes not signed with the cluster's secret, or whose answer would go elsewhere than to their sender:
     * dropped, unanswered.
     */
    HANDSHAKES_UNANSWERED,
    /** Replayed or out-of-date handshakes: dropped. */
    HANDSHAKES_STALE,
    /** Links that ended without order. */
    LINKS_LOST,
    /** Times that a connected node stopped answering heartbeats. */
    SUSPICIONS,
    /** Lifelines cut: most of them by the death of the node's process. */
    LIFELINES_CUT,
    /** Sends that the channel put off. */
    BACK_PRESSURE
}
