package io.cheshire.expertnode.core;

import io.cheshire.transport.protocol.NackReason;
import org.jspecify.annotations.Nullable;

/** What a node does with a frame of a shard. */
public enum ShardAdmission {
    /** Its rows have places in the row store. */
    ACCEPTED(null),
    /** Was here before: drop and count. */
    DUPLICATE(null),
    /** Refused; said once for every shard. */
    NOT_RESIDENT(NackReason.NOT_RESIDENT),
    DRAINING(NackReason.DRAINING),
    /** The router has no credit for it. */
    OVERLOADED(NackReason.OVERLOADED),
    /** Contradicts an earlier frame of the same shard. */
    CONTRADICTION(NackReason.BAD_FRAME);

    private final @Nullable NackReason reason;

    ShardAdmission(final @Nullable NackReason reason) {
        this.reason = reason;
    }

    /** What to tell the router, or null for nothing. */
    public @Nullable NackReason nackReason() {
        return reason;
    }
}
