package io.cheshire.transport.core;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.IntHashSet;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the fragments of frames larger than the channel's MTU together, within limits: only of senders that are
 * expected, since they have a link, and {@code maxFrameBytes} each. A handshake is always one fragment, so strangers
 * need no buffer and get none. What goes beyond is dropped whole and counted. Fragments of one sender come in order and
 * never interleave (Aeron's exclusive publications see to that); those of several senders may. One thread. Buffers are
 * kept for reuse until {@link #forget}.
 */
public final class FrameAssembler {
    /** Aeron's flag of a first fragment. */
    public static final byte BEGIN = (byte) 0x80;
    /** Aeron's flag of a last fragment. */
    public static final byte END = 0x40;

    private static final byte UNFRAGMENTED = (byte) (BEGIN | END);
    private static final int INITIAL_BYTES = 16 * 1024;

    private final Int2ObjectHashMap<Partial> partials = new Int2ObjectHashMap<>();
    private final IntHashSet expected = new IntHashSet();
    private final int maxFrameBytes;
    private boolean expectsAll;
    private long droppedFrames;

    public FrameAssembler(final int maxFrameBytes) {
        this.maxFrameBytes = maxFrameBytes;
    }

    /** A sender has a link: its frames may be longer than a fragment until {@link #forget}. */
    public void expect(final int sessionId) {
        expected.add(sessionId);
    }

    /** For a channel whose frames can't be told by their sender: one in which faults are injected. */
    public void expectAll() {
        expectsAll = true;
    }

    /** Takes whole frames. */
    @FunctionalInterface
    public interface Sink {
        /** The bytes are valid during the call only. */
        void onFrame(int sessionId, DirectBuffer buffer, int offset, int length);
    }

    /**
     * Takes a fragment; calls the sink when it completes a frame. A frame that is one fragment passes without a copy.
     */
    public void onFragment(
            final int sessionId,
            final byte flags,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Sink sink) {
        if ((flags & UNFRAGMENTED) == UNFRAGMENTED) {
            sink.onFrame(sessionId, buffer, offset, length);
            return;
        }
        final Partial partial = partialOf(sessionId, flags);
        if (partial == null) {
            return;
        }
        if (partial.length + length > maxFrameBytes) {
            partial.open = false;
            droppedFrames++;
            return;
        }
        partial.append(buffer, offset, length, maxFrameBytes);
        if ((flags & END) != 0) {
            partial.open = false;
            sink.onFrame(sessionId, partial.buffer, 0, partial.length);
        }
    }

    /** A sender is gone, or its link is: its partial frame and buffer go, too. */
    public void forget(final int sessionId) {
        expected.remove(sessionId);
        partials.remove(sessionId);
    }

    /** Frames dropped since nobody expected them, or they grew too long, or lost their end. */
    public long droppedFrames() {
        return droppedFrames;
    }

    /** Senders that hold a buffer. */
    public int partialCount() {
        return partials.size();
    }

    private @Nullable Partial partialOf(final int sessionId, final byte flags) {
        Partial partial = partials.get(sessionId);
        if ((flags & BEGIN) != 0) {
            if (partial == null) {
                if (!expectsAll && !expected.contains(sessionId)) {
                    droppedFrames++;
                    return null;
                }
                partial = new Partial();
                partials.put(sessionId, partial);
            }
            if (partial.open) {
                droppedFrames++;
            }
            partial.open = true;
            partial.length = 0;
            return partial;
        }
        return partial != null && partial.open ? partial : null;
    }

    private static final class Partial {
        private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(INITIAL_BYTES));
        private int length;
        private boolean open;

        private void append(final DirectBuffer source, final int offset, final int count, final int maxBytes) {
            if (length + count > buffer.capacity()) {
                final int capacity = Math.min(maxBytes, Math.max(2 * buffer.capacity(), length + count));
                final ByteBuffer larger = ByteBuffer.allocateDirect(capacity);
                buffer.getBytes(0, larger, 0, length);
                buffer.wrap(larger);
            }
            buffer.putBytes(length, source, offset, count);
            length += count;
        }
    }
}
