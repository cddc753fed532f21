package io.cheshire.transport.runtime.aeron;

import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.cheshire.transport.core.link.Inbox;
import org.agrona.DirectBuffer;
import org.jspecify.annotations.Nullable;

/** One subscription. */
final class AeronInbox implements Inbox, FragmentHandler {
    private static final Sink NOWHERE = (sessionId, flags, buffer, offset, length) -> {};

    private final Subscription subscription;
    private Sink sink = NOWHERE;

    AeronInbox(final Subscription subscription) {
        this.subscription = subscription;
    }

    @Override
    public int poll(final Sink newSink, final int limit) {
        sink = newSink;
        return subscription.poll(this, limit);
    }

    @Override
    public void onFragment(final DirectBuffer buffer, final int offset, final int length, final Header header) {
        sink.onFragment(header.sessionId(), header.flags(), buffer, offset, length);
    }

    @Override
    public boolean hasImage(final int sessionId) {
        return subscription.imageBySessionId(sessionId) != null;
    }

    @Override
    public @Nullable String sourceOf(final int sessionId) {
        final Image image = subscription.imageBySessionId(sessionId);
        return image == null ? null : image.sourceIdentity();
    }

    @Override
    public void close() {
        subscription.close();
    }
}
