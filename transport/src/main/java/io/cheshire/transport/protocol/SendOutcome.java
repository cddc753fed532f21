package io.cheshire.transport.protocol;

/** What became of a frame that was offered to a channel. Aeron's negative codes map to these, one for one. */
public enum SendOutcome {
    /** All of it is in the channel. */
    SENT,
    /** The receiver is slower: try again on a later duty cycle. */
    BACK_PRESSURED,
    /** The log is being rotated: try again at once. */
    ADMIN_ACTION,
    /** No receiver yet, or none any more. */
    NOT_CONNECTED,
    /** The channel is closed for good. */
    CLOSED,
    /** No credit for these rows: wait for results. */
    NO_CREDIT,
    /** The frame can never be sent here: a defect of the caller. */
    TOO_LARGE
}
