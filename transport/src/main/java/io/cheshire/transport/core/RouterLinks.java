package io.cheshire.transport.core;

import io.cheshire.transport.sbe.DispatchDecoder;
import org.agrona.DirectBuffer;

/**
 * A node's end of the data plane: its connections to all routers. Every method is called by the node's thread, except
 * that construction may happen elsewhere before.
 */
public interface RouterLinks extends AutoCloseable {
    /**
     * Polls every connection, keeps heartbeats and handshakes going, and calls the listener.
     *
     * @return 0 if there was nothing to do; heartbeats are nothing
     */
    int doWork(long nowNs, Listener listener);

    /** Ends the connection to a router that takes no results. */
    void endStalled(RouterLink link);

    @Override
    void close();

    /** What comes in. All calls happen inside {@link #doWork}. */
    interface Listener {
        /**
         * Some rows of a shard that passed the gate.
         *
         * @param link       from whom
         * @param frame      the frame's header; valid during the call only
         * @param buffer     holds the rows; valid during the call only
         * @param rowsOffset where {@code [frame.rowCount(), hidden]} starts in the buffer
         */
        void onDispatch(RouterLink link, DispatchDecoder frame, DirectBuffer buffer, int rowsOffset);

        /** A router has connected. */
        void onLinkUp(RouterLink link);

        /** A connection ended, in order or not: drop what the router asked for. */
        void onLinkDown(RouterLink link, String reason);
    }
}
