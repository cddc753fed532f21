package io.cheshire.transport.runtime.aeron;

import io.aeron.Aeron;
import io.aeron.Image;
import io.aeron.Subscription;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.cheshire.transport.core.link.Inbox;
import java.util.Queue;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * One subscription. Aeron says that an image is gone on its conductor's thread, or on whichever closes the
 * subscription; what is told of it belongs to the thread that polls. So the session is only noted then, and handed on
 * by the next {@link #poll}.
 */
final class AeronInbox implements Inbox, FragmentHandler {
    private static final Sink NOWHERE = (sessionId, flags, buffer, offset, length) -> {};

    private final Subscription subscription;
    private final IntConsumer imageGone;
    /** One entry for each image that ended since the last poll, which cost its sender and the driver far more. */
    private final Queue<Integer> gone;

    private Sink sink = NOWHERE;

    private AeronInbox(final Subscription subscription, final Queue<Integer> gone, final IntConsumer imageGone) {
        this.subscription = subscription;
        this.gone = gone;
        this.imageGone = imageGone;
    }

    /**
     * Subscribes.
     *
     * @param imageGone told of every sender's session that ended, by the thread that polls
     */
    static AeronInbox open(final Aeron aeron, final String channel, final int streamId, final IntConsumer imageGone) {
        final Queue<Integer> gone = new ManyToOneConcurrentLinkedQueue<>();
        final Subscription subscription =
                aeron.addSubscription(channel, streamId, image -> {}, image -> gone.add(image.sessionId()));
        return new AeronInbox(subscription, gone, imageGone);
    }

    @Override
    public int poll(final Sink newSink, final int limit) {
        handOnGone();
        sink = newSink;
        return subscription.poll(this, limit);
    }

    /**
     * Before fragments are taken: Aeron takes an image out of the subscription before it says so, so nothing of a
     * session comes after this was told of it. Another image has another session, but for one that was silent for so
     * long that its link has ended.
     */
    private void handOnGone() {
        for (Integer sessionId = gone.poll(); sessionId != null; sessionId = gone.poll()) {
            imageGone.accept(sessionId);
        }
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
