package io.cheshire.transport.runtime;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.logbuffer.BufferClaim;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.FrameMac;
import io.cheshire.transport.protocol.FrameSeal;
import io.cheshire.transport.protocol.SendOutcome;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames into one exclusive publication, from one thread. A frame that fits a fragment is claimed and encoded in
 * place; a longer one, or any one that a tap takes, is encoded into a buffer of this sender and offered. Use:
 * {@link #begin}, write to {@link #buffer} from {@link #offset}, {@link #commit}.
 */
final class FrameSender {
    /** Takes complete frames instead of the channel: where faults are injected. */
    @FunctionalInterface
    interface Tap {
        void onFrame(DirectBuffer buffer, int offset, int length);
    }

    private final ExclusivePublication publication;
    private final FrameSeal seal;
    private final @Nullable Tap tap;
    private final int frameLimitBytes;
    private final BufferClaim claim = new BufferClaim();
    private final UnsafeBuffer staging = new UnsafeBuffer(0, 0);
    private MutableDirectBuffer buffer = staging;
    private int offset;
    private int length;
    private boolean claimed;

    /**
     * @param rowFrameBytes length of a frame with one row: decides whether frames are single fragments
     * @param maxFrameBytes longest frame otherwise
     */
    FrameSender(
            final ExclusivePublication publication,
            final FrameSeal seal,
            final int rowFrameBytes,
            final int maxFrameBytes,
            final @Nullable Tap tap) {
        this.publication = publication;
        this.seal = seal;
        this.tap = tap;
        this.frameLimitBytes = rowFrameBytes <= publication.maxPayloadLength()
                ? publication.maxPayloadLength()
                : Math.min(
                        Math.max(maxFrameBytes, rowFrameBytes),
                        Math.min(FrameLimits.MAX_FRAME_BYTES, publication.maxMessageLength()));
    }

    /** Longest frame that {@link #begin} takes. */
    int frameLimitBytes() {
        return frameLimitBytes;
    }

    /** Frames carry MACs from now on. */
    void authenticate(final FrameMac mac) {
        seal.authenticate(mac);
    }

    boolean isConnected() {
        return publication.isConnected();
    }

    /** Makes room for a frame; encode it only on {@link SendOutcome#SENT}. */
    SendOutcome begin(final int frameBytes) {
        length = frameBytes;
        if (frameBytes > frameLimitBytes) {
            return SendOutcome.TOO_LARGE;
        }
        claimed = tap == null && frameBytes <= publication.maxPayloadLength();
        if (!claimed) {
            // Seen before the frame is encoded and sealed, which would be in vain.
            if (tap == null && publication.availableWindow() <= 0) {
                return publication.isConnected() ? SendOutcome.BACK_PRESSURED : SendOutcome.NOT_CONNECTED;
            }
            reserveStaging(frameBytes);
            return SendOutcome.SENT;
        }
        final long position = publication.tryClaim(frameBytes, claim);
        if (position < 0) {
            return outcomeOf(position);
        }
        buffer = claim.buffer();
        offset = claim.offset();
        return SendOutcome.SENT;
    }

    /** Where to encode. */
    MutableDirectBuffer buffer() {
        return buffer;
    }

    /** Start of the frame in {@link #buffer()}. */
    int offset() {
        return offset;
    }

    /** Seals and sends the frame that was begun; anything but SENT means that nothing was sent. */
    SendOutcome commit() {
        seal.apply(buffer, offset, length);
        if (claimed) {
            claim.commit();
            return SendOutcome.SENT;
        }
        return sendSealed(buffer, offset, length);
    }

    /** Sends a frame that is sealed already, past or through the tap. */
    SendOutcome sendSealed(final DirectBuffer frame, final int frameOffset, final int frameBytes) {
        if (tap != null) {
            tap.onFrame(frame, frameOffset, frameBytes);
            return SendOutcome.SENT;
        }
        return offer(frame, frameOffset, frameBytes);
    }

    /** Puts a sealed frame into the channel. */
    SendOutcome offer(final DirectBuffer frame, final int frameOffset, final int frameBytes) {
        final long position = publication.offer(frame, frameOffset, frameBytes);
        return position < 0 ? outcomeOf(position) : SendOutcome.SENT;
    }

    void close() {
        publication.close();
    }

    private void reserveStaging(final int frameBytes) {
        if (staging.capacity() < frameBytes) {
            staging.wrap(ByteBuffer.allocateDirect(frameBytes <= 4096 ? 4096 : frameLimitBytes));
        }
        buffer = staging;
        offset = 0;
    }

    private static SendOutcome outcomeOf(final long position) {
        if (position == Publication.BACK_PRESSURED) {
            return SendOutcome.BACK_PRESSURED;
        }
        if (position == Publication.ADMIN_ACTION) {
            return SendOutcome.ADMIN_ACTION;
        }
        return position == Publication.NOT_CONNECTED ? SendOutcome.NOT_CONNECTED : SendOutcome.CLOSED;
    }
}
