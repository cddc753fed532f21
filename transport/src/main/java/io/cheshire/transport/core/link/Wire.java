package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What links need of the network beneath them: Aeron's in production, the simulation's under virtual time. Nothing
 * waits, nothing throws for what the network does. Called by the one thread of the link's end.
 */
public interface Wire {
    /**
     * Listens on a channel of this process's own.
     *
     * @param imageGone told of every sender's session that ends, by the one thread too, whoever notices it
     * @throws IllegalArgumentException the channel isn't allowed, or its address can't be had
     */
    Inbox listen(String channel, int streamId, IntConsumer imageGone);

    /**
     * Begins to open a channel to whoever listens there; whether it opens, {@link Outbox#state} says.
     *
     * @param rowFrameBytes length of a frame with one row: decides whether frames are single fragments
     */
    Outbox open(String channel, int streamId, int rowFrameBytes);

    /**
     * Begins to hold a connection that ends with the node's process.
     *
     * @param proof      says to the node that the connection is no stranger's
     * @param observedNs the caller's clock
     * @return null where none can be had, which was said to people
     */
    @Nullable
    Lifeline hold(NodeEndpoint node, long proof, long observedNs);
}
