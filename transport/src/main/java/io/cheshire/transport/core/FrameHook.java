package io.cheshire.transport.core;

import org.agrona.DirectBuffer;

/**
 * Stands between a router and its nodes and may do to frames what networks do. Off in production: a channel without a
 * hook costs one null check. Called on the thread of the channel it is given to.
 */
public interface FrameHook {
    /** Which way a frame goes. */
    enum Direction {
        TO_NODE,
        FROM_NODE
    }

    /** Where frames go that get through. */
    @FunctionalInterface
    interface Sink {
        /** The bytes are valid during the call only. */
        void onFrame(int nodeId, Direction direction, DirectBuffer buffer, int offset, int length);
    }

    /** Takes a frame: passes it to the sink now, later from {@link #poll}, once, more often or never. */
    void onFrame(int nodeId, Direction direction, DirectBuffer buffer, int offset, int length, long nowNs, Sink sink);

    /** Passes on what is due; answers how many frames. */
    int poll(long nowNs, Sink sink);
}
