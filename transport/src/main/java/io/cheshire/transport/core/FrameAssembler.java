package io.cheshire.transport.core;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the fragments of frames larger than the channel's MTU together, within limits: at most {@code maxPartials} senders
 * with a frame under way and {@code maxFrameBytes} each. What goes beyond is dropped whole and counted. Fragments of one
 * sender come in order and never interleave (Aeron's exclusive publications see to that); those of several senders may.
 * One thread. Buffers are kept for reuse until {@link #forget}.
 */
public final class FrameAssembler {
    /** Aeron's flag of a first fragment. */
    public static final byte BEGIN = (byte) 0x80;
    /** Aeron's flag of a last fragment. */
    public static final byte END = 0x40;

    private static final byte UNFRAGMENTED = (byte) (BEGIN | END);
    private static final int INITIAL_BYTES = 16 * 1024;

    private final Int2ObjectHashMap<Partial> partials = new Int2ObjectHashMap<>();
    private final int maxPartials;
    private final int maxFrameBytes;
    private long droppedFrames;

    public FrameAssembler(final int maxPartials, final int maxFrameBytes) {
        this.maxPartials = maxPartials;
        this.maxFrameBytes = maxFrameBytes;
    }

    /** Takes whole frames. */
    @FunctionalInterface
    public interface Sink {
        /** The bytes are valid during the call only. */
        void onFrame(int sessionId, DirectBuffer buffer, int offset, int length);
    }

    /** Takes a fragment; calls the sink when it completes a frame. A frame that is one fragment passes without a copy. */
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

    /** A sender is gone: its partial frame and buffer go, too. */
    public void forget(final int sessionId) {
        partials.remove(sessionId);
    }

    /** Frames dropped for want of room or of a beginning. */
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
                if (partials.size() >= maxPartials) {
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
