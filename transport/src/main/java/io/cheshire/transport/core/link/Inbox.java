package io.cheshire.transport.core.link;

import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** What comes on a channel that is listened on. One thread. */
public interface Inbox {
    /** Takes fragments as they come. */
    @FunctionalInterface
    interface Sink {
        /**
         * The bytes are valid during the call only; the buffer isn't on the heap.
         *
         * @param sessionId of the sender's channel
         * @param flags     Aeron's: which part of a frame it is
         */
        void onFragment(int sessionId, byte flags, DirectBuffer buffer, int offset, int length);
    }

    /** Tells which sessions ended since the last time, and hands on up to {@code limit} fragments; answers how many. */
    int poll(Sink sink, int limit);

    /** Whether the sender's session is there. */
    boolean hasImage(int sessionId);

    /** Where a sender sends from, {@code address:port} over UDP; null if its session is gone. */
    @Nullable
    String sourceOf(int sessionId);

    void close();
}
