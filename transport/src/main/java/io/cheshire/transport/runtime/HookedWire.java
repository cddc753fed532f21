package io.cheshire.transport.runtime;

import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.core.FrameHook;
import io.cheshire.transport.core.FrameHook.Direction;
import io.cheshire.transport.core.link.Inbox;
import io.cheshire.transport.core.link.Lifeline;
import io.cheshire.transport.core.link.Outbox;
import io.cheshire.transport.core.link.Wire;
import io.cheshire.transport.protocol.FrameLayout;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A router's network with a hook in it, which does to whole frames what networks do, either way. What comes has no
 * session any more, since a frame that was held back can't be told by it. Tests only; engine thread.
 */
public final class HookedWire implements Wire {
    private static final int NO_SESSION = 0;
    private static final byte WHOLE = (byte) (FrameAssembler.BEGIN | FrameAssembler.END);

    private final Wire inner;
    private final FrameHook hook;
    private final NanoClock clock;
    /** The last channel on which frames to a node were sent. */
    private final Int2ObjectHashMap<Outbox> outboxes = new Int2ObjectHashMap<>();

    private final FrameHook.Sink passed = this::onPassed;
    private Inbox.Sink sink = (sessionId, flags, buffer, offset, length) -> {};

    public HookedWire(final Wire inner, final FrameHook hook, final NanoClock clock) {
        this.inner = inner;
        this.hook = hook;
        this.clock = clock;
    }

    @Override
    public Inbox listen(final String channel, final int streamId, final IntConsumer imageGone) {
        return new HookedInbox(inner.listen(channel, streamId, imageGone));
    }

    @Override
    public Outbox open(final String channel, final int streamId, final int rowFrameBytes) {
        return new HookedOutbox(inner.open(channel, streamId, rowFrameBytes));
    }

    @Override
    public @Nullable Lifeline hold(final NodeEndpoint node, final long proof, final long observedNs) {
        return inner.hold(node, proof, observedNs);
    }

    private void onPassed(
            final int nodeId,
            final Direction direction,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (direction == Direction.FROM_NODE) {
            sink.onFragment(NO_SESSION, WHOLE, buffer, offset, length);
            return;
        }
        final Outbox outbox = outboxes.get(nodeId);
        if (outbox != null) {
            // A frame that finds no room is one more lost frame: that is what a hook is there for.
            outbox.offer(buffer, offset, length);
        }
    }

    private final class HookedInbox implements Inbox {
        private final Inbox channel;
        private final FrameAssembler assembler = new FrameAssembler(FrameLimits.MAX_FRAME_BYTES);
        private final FrameAssembler.Sink frames = this::onFrame;
        private final Sink fragments = this::onFragment;

        private HookedInbox(final Inbox channel) {
            this.channel = channel;
            assembler.expectAll();
        }

        @Override
        public int poll(final Sink newSink, final int limit) {
            sink = newSink;
            return channel.poll(fragments, limit) + hook.poll(clock.nanoTime(), passed);
        }

        private void onFragment(
                final int sessionId, final byte flags, final DirectBuffer buffer, final int offset, final int length) {
            assembler.onFragment(sessionId, flags, buffer, offset, length, frames);
        }

        private void onFrame(final int sessionId, final DirectBuffer buffer, final int offset, final int length) {
            if (length < FrameLayout.COMMON_BYTES) {
                sink.onFragment(NO_SESSION, WHOLE, buffer, offset, length);
                return;
            }
            final int nodeId = FrameLayout.nodeId(buffer, offset);
            hook.onFrame(nodeId, Direction.FROM_NODE, buffer, offset, length, clock.nanoTime(), passed);
        }

        @Override
        public boolean hasImage(final int sessionId) {
            return true;
        }

        @Override
        public @Nullable String sourceOf(final int sessionId) {
            return null;
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    private final class HookedOutbox implements Outbox {
        private final Outbox channel;
        private UnsafeBuffer staging = new UnsafeBuffer(ByteBuffer.allocateDirect(4096));
        private int length;

        private HookedOutbox(final Outbox channel) {
            this.channel = channel;
        }

        @Override
        public State state() {
            return channel.state();
        }

        @Override
        public String refusal() {
            return channel.refusal();
        }

        @Override
        public int frameLimitBytes() {
            return channel.frameLimitBytes();
        }

        @Override
        public boolean isConnected() {
            return channel.isConnected();
        }

        @Override
        public SendOutcome begin(final int frameBytes) {
            length = frameBytes;
            if (staging.capacity() < frameBytes) {
                staging = new UnsafeBuffer(ByteBuffer.allocateDirect(channel.frameLimitBytes()));
            }
            return SendOutcome.SENT;
        }

        @Override
        public MutableDirectBuffer buffer() {
            return staging;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public SendOutcome commit() {
            return offer(staging, 0, length);
        }

        @Override
        public SendOutcome offer(final DirectBuffer frame, final int offset, final int frameBytes) {
            final int nodeId = FrameLayout.nodeId(frame, offset);
            outboxes.put(nodeId, channel);
            hook.onFrame(nodeId, Direction.TO_NODE, frame, offset, frameBytes, clock.nanoTime(), passed);
            return SendOutcome.SENT;
        }

        @Override
        public void close() {
            outboxes.values().removeIf(open -> open.equals(channel));
            channel.close();
        }
    }
}
