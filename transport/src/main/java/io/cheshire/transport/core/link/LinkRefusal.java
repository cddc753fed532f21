package io.cheshire.transport.core.link;

import io.cheshire.transport.protocol.Hello;
import io.cheshire.transport.sbe.HelloStatus;
import org.jspecify.annotations.Nullable;

/** A refused handshake whose answer is on its way. Closed after a while, whether or not it got there. */
final class LinkRefusal {
    final Hello hello;
    final HelloStatus status;
    final Outbox outbox;
    final long sinceNs;

    @Nullable
    FrameSender sender;

    boolean answered;

    LinkRefusal(final Hello hello, final HelloStatus status, final Outbox outbox, final long sinceNs) {
        this.hello = hello;
        this.status = status;
        this.outbox = outbox;
        this.sinceNs = sinceNs;
    }

    boolean isFor(final Hello other) {
        return hello.equals(other);
    }
}
