package io.cheshire.transport.core;

import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.MemorySegment;

/**
 * The router's end of the data plane: all its connections to expert nodes. Every method is called by the engine thread
 * only, except that construction may happen elsewhere before. Implementations: links over a network,
 * and in-process without one.
 */
public interface ExpertTransport extends AutoCloseable {
    /**
     * Starts connecting (handshake included) to a node; {@link Listener#onNodeReady} follows. Connecting to a node
     * already connected under the same incarnation changes nothing; under another one the old connection is closed
     * first.
     *
     * @throws IllegalArgumentException no try can connect it: its channel isn't of a kind that is opened
     */
    void connect(NodeEndpoint endpoint);

    /** Closes a connection in order. No listener call follows. */
    void disconnect(int nodeId);

    /** Rows that may be dispatched to the node now; 0 while it isn't ready. */
    int creditRows(int nodeId);

    /**
     * Sends rows of a shard. The rows {@code shard.rows[0 .. rowCount)} are gathered from {@code laneRows} straight
     * into the channel. On {@link SendOutcome#BACK_PRESSURED} and {@link SendOutcome#ADMIN_ACTION} some frames may
     * already be out; {@code shard.rowsSent} remembers, and calling again goes on from there. Credits for the whole
     * shard are taken before the first frame.
     *
     * @param shard    header and row numbers; {@code shard.nodeId} says where to
     * @param laneRows {@code [maxRows, hidden]} in the row format agreed in the handshake
     */
    SendOutcome dispatch(Shard shard, MemorySegment laneRows);

    /**
     * Polls every connection, keeps heartbeats and handshakes going, and calls the listener.
     *
     * @return 0 if there was nothing to do; heartbeats are nothing
     */
    int doWork(long nowNs, Listener listener);

    @Override
    void close();

    /** What comes back. All calls happen inside {@link #doWork}. */
    interface Listener {
        /**
         * Some result rows of a shard.
         *
         * @param nodeId    who answers
         * @param shardId   the shard
         * @param attempt   the attempt answered
         * @param layer     the layer that the node computed them for
         * @param firstRow  first row of this frame within the shard
         * @param rowCount  rows in this frame
         * @param rows      {@code [rowCount, hidden]} fp32 little-endian; valid during the call only
         * @param queueNs   time the shard waited at the node
         * @param computeNs time of the kernel call that it was part of
         */
        void onResult(
                int nodeId,
                long shardId,
                int attempt,
                int layer,
                int firstRow,
                int rowCount,
                MemorySegment rows,
                long queueNs,
                long computeNs);

        /** A shard wasn't computed. */
        void onNack(int nodeId, long shardId, int attempt, NackReason reason);

        /** The handshake is done: the node takes shards. */
        void onNodeReady(int nodeId, long incarnation);

        /**
         * A connected node has stopped answering heartbeats, which may mean a pause, a partition one way or its end;
         * or its lifeline was cut, which is its process's end but for a fault of the network. The connection stays:
         * answers may still come. {@link #onNodeRecovered} or {@link #onNodeLost} follows.
         *
         * @param reason the predicate of a sentence for the log
         */
        default void onNodeSuspected(final int nodeId, final String reason) {}

        /** A suspect has answered a heartbeat that it was sent since it became one. */
        default void onNodeRecovered(final int nodeId) {}

        /**
         * The connection is gone without {@link ExpertTransport#disconnect}: image lost, heartbeats stopped, node said
         * goodbye, or handshake refused.
         *
         * @param reason one sentence for the log
         */
        void onNodeLost(int nodeId, long incarnation, String reason);
    }
}
