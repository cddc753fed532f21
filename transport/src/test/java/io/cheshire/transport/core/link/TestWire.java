package io.cheshire.transport.core.link;

import io.cheshire.transport.core.FrameAssembler;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/** A network in memory whose every part does what the test says. Both ends share it. */
final class TestWire implements Wire {
    static final int LIMIT_BYTES = 4096;
    private static final byte WHOLE = (byte) (FrameAssembler.BEGIN | FrameAssembler.END);

    private final Map<Integer, TestInbox> inboxes = new HashMap<>();
    final List<TestOutbox> outboxes = new ArrayList<>();
    final List<TestLifeline> lifelines = new ArrayList<>();
    /** What the media driver says of channels that are asked for from now on. */
    Outbox.State driver = Outbox.State.OPEN;

    int frameLimitBytes = LIMIT_BYTES;

    static final class Packet {
        private final int sessionId;
        private final byte[] bytes;

        private Packet(final int sessionId, final byte[] bytes) {
            this.sessionId = sessionId;
            this.bytes = bytes;
        }
    }

    @Override
    public Inbox listen(final String channel, final int streamId, final IntConsumer imageGone) {
        final TestInbox inbox = new TestInbox();
        inboxes.put(streamId, inbox);
        return inbox;
    }

    @Override
    public TestOutbox open(final String channel, final int streamId, final int rowFrameBytes) {
        final TestOutbox outbox = new TestOutbox(streamId, outboxes.size() + 1, driver);
        outboxes.add(outbox);
        return outbox;
    }

    @Override
    public Lifeline hold(final NodeEndpoint node, final long proof, final long observedNs) {
        final TestLifeline lifeline = new TestLifeline();
        lifelines.add(lifeline);
        return lifeline;
    }

    /** What waits to be read on a stream. */
    ArrayDeque<Packet> arrivedOn(final int streamId) {
        final TestInbox inbox = inboxes.get(streamId);
        if (inbox == null) {
            throw new IllegalStateException("nobody listens on " + streamId);
        }
        return inbox.arrived;
    }

    static final class TestLifeline implements Lifeline {
        boolean cut;
        boolean closed;

        @Override
        public boolean isCut(final long observedNs) {
            return cut;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    static final class TestInbox implements Inbox {
        private final ArrayDeque<Packet> arrived = new ArrayDeque<>();
        private final UnsafeBuffer view = new UnsafeBuffer(ByteBuffer.allocateDirect(LIMIT_BYTES));

        @Override
        public int poll(final Sink sink, final int limit) {
            int count = 0;
            while (count < limit && !arrived.isEmpty()) {
                final Packet packet = arrived.remove();
                view.putBytes(0, packet.bytes);
                sink.onFragment(packet.sessionId, WHOLE, view, 0, packet.bytes.length);
                count++;
            }
            return count;
        }

        @Override
        public boolean hasImage(final int sessionId) {
            return true;
        }

        @Override
        public @Nullable String sourceOf(final int sessionId) {
            return "aeron:ipc";
        }

        @Override
        public void close() {}
    }

    final class TestOutbox implements Outbox {
        private final int streamId;
        private final int sessionId;
        private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[LIMIT_BYTES]);
        private int length;
        State state;
        boolean full;
        boolean fullAtCommit;
        boolean connected = true;
        boolean closed;

        private TestOutbox(final int streamId, final int sessionId, final State state) {
            this.streamId = streamId;
            this.sessionId = sessionId;
            this.state = state;
        }

        @Override
        public State state() {
            return state;
        }

        @Override
        public String refusal() {
            return "no room";
        }

        @Override
        public int frameLimitBytes() {
            return frameLimitBytes;
        }

        @Override
        public boolean isConnected() {
            return connected && inboxes.containsKey(streamId);
        }

        @Override
        public SendOutcome begin(final int frameBytes) {
            length = frameBytes;
            return full ? SendOutcome.BACK_PRESSURED : SendOutcome.SENT;
        }

        @Override
        public MutableDirectBuffer buffer() {
            return buffer;
        }

        @Override
        public int offset() {
            return 0;
        }

        @Override
        public SendOutcome commit() {
            return fullAtCommit ? SendOutcome.BACK_PRESSURED : offer(buffer, 0, length);
        }

        @Override
        public SendOutcome offer(final DirectBuffer frame, final int offset, final int frameBytes) {
            final byte[] copy = new byte[frameBytes];
            frame.getBytes(offset, copy);
            arrivedOn(streamId).add(new Packet(sessionId, copy));
            return SendOutcome.SENT;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
