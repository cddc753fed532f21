package io.cheshire.router.core.exchange;

import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;

/** The effects that the exchange decides on: what carries shards to nodes. Called on the engine thread. */
public interface ShardSender {
    /** Rows that the node takes now. */
    int creditRows(int nodeId);

    /**
     * Offers a shard of {@code shard.lane} to {@code shard.nodeId}; what was sent is remembered in
     * {@code shard.rowsSent}.
     */
    SendOutcome dispatch(Shard shard);
}
