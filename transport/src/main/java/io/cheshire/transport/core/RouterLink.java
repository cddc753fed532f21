package io.cheshire.transport.core;

import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.ResultHeader;
import io.cheshire.transport.protocol.SendOutcome;
import org.agrona.DirectBuffer;

/** A node's connection to one router, as long as it is up. The node's thread only. */
public interface RouterLink {
    /** The router's number. */
    int routerId();

    /** Names the connection; never used again for another. */
    long linkId();

    /** False for good once the connection ended: what is still to be sent on it can be forgotten. */
    boolean isUp();

    /** What the router may send. The owner of the queues holds rows when it takes a shard. */
    RouterCredit credit();

    /** The most result rows of one frame. */
    int resultRowsPerFrame();

    /**
     * Sends result rows and, when they are in the channel, releases their credit.
     *
     * @param header  what they are; {@code rowCount} at most {@link #resultRowsPerFrame()}
     * @param results {@code [rowCount, hidden]} fp32 from {@code offset} on
     */
    SendOutcome sendResult(ResultHeader header, DirectBuffer results, int offset);

    /**
     * Sends a Nack, at once or from a bounded queue as soon as there is room; a router that overruns it is
     * disconnected.
     */
    void sendNack(long shardId, int attempt, NackReason reason);
}
