package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.sbe.HelloStatus;

/** Told of what a node's end has to say to people. Its thread. */
public interface NodeEndLog {
    /** Says nothing. */
    NodeEndLog NONE = new NodeEndLog() {};

    /** A link moved. */
    default void moved(final int routerId, final NodeEndState from, final NodeEndState to, final String reason) {}

    /** A router that should know why isn't served any more. */
    default void routerEnded(final int routerId, final String reason) {}

    /** A router is refused; said once for each of its incarnations. */
    default void routerRefused(final Hello hello, final HelloStatus status) {}

    /**
     * A Hello gets no answer; said now and then.
     *
     * @param why   the predicate of a sentence
     * @param count of such Hellos so far
     */
    default void helloUnanswered(final Hello hello, final String why, final long count) {}

    /** A Nack found no room and waits. */
    default void nackWaits(final int routerId, final NackReason reason) {}
}
