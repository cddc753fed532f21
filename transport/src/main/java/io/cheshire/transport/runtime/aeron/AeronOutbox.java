package io.cheshire.transport.runtime.aeron;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.exceptions.AeronException;
import io.aeron.logbuffer.BufferClaim;
import io.cheshire.transport.core.link.Outbox;
import io.cheshire.transport.protocol.FrameLimits;
import io.cheshire.transport.protocol.SendOutcome;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One exclusive publication. A frame that fits a fragment is claimed and encoded in place; a longer one is encoded
 * into a buffer of this channel and offered.
 */
final class AeronOutbox implements Outbox {
    private static final long NO_REGISTRATION = -1;

    private final Aeron aeron;
    private final long registrationId;
    private final int rowFrameBytes;
    private final int maxFrameBytes;
    private final BufferClaim claim = new BufferClaim();
    private final UnsafeBuffer staging = new UnsafeBuffer(0, 0);
    private @Nullable ExclusivePublication publication;
    private String refusal;
    private int frameLimitBytes;
    private MutableDirectBuffer buffer = staging;
    private int offset;
    private int length;
    private boolean claimed;

    private AeronOutbox(
            final Aeron aeron,
            final long registrationId,
            final int rowFrameBytes,
            final int maxFrameBytes,
            final String refusal) {
        this.aeron = aeron;
        this.registrationId = registrationId;
        this.rowFrameBytes = rowFrameBytes;
        this.maxFrameBytes = maxFrameBytes;
        this.refusal = refusal;
    }

    /**
     * @param registrationId of the publication that the media driver is asked for
     * @param rowFrameBytes  length of a frame with one row: decides whether frames are single fragments
     * @param maxFrameBytes  longest frame otherwise
     */
    AeronOutbox(final Aeron aeron, final long registrationId, final int rowFrameBytes, final int maxFrameBytes) {
        this(aeron, registrationId, rowFrameBytes, maxFrameBytes, "");
    }

    /** One that couldn't even be asked for. */
    static AeronOutbox refused(final Aeron aeron, final String reason) {
        return new AeronOutbox(aeron, NO_REGISTRATION, 0, 0, reason);
    }

    @Override
    public State state() {
        if (publication != null) {
            return State.OPEN;
        }
        if (!refusal.isEmpty()) {
            return State.REFUSED;
        }
        try {
            final ExclusivePublication found = aeron.getExclusivePublication(registrationId);
            if (found == null) {
                return State.OPENING;
            }
            publication = found;
            frameLimitBytes = limitOf(found);
            return State.OPEN;
        } catch (final AeronException refused) {
            refusal = String.valueOf(refused.getMessage());
            return State.REFUSED;
        }
    }

    private int limitOf(final ExclusivePublication found) {
        return rowFrameBytes <= found.maxPayloadLength()
                ? found.maxPayloadLength()
                : Math.min(
                        Math.max(maxFrameBytes, rowFrameBytes),
                        Math.min(FrameLimits.MAX_FRAME_BYTES, found.maxMessageLength()));
    }

    @Override
    public String refusal() {
        return refusal;
    }

    @Override
    public int frameLimitBytes() {
        return frameLimitBytes;
    }

    @Override
    public boolean isConnected() {
        return opened().isConnected();
    }

    @Override
    public SendOutcome begin(final int frameBytes) {
        final ExclusivePublication channel = opened();
        length = frameBytes;
        claimed = frameBytes <= channel.maxPayloadLength();
        if (!claimed) {
            // Seen before the frame is encoded and sealed, which would be in vain.
            if (channel.availableWindow() <= 0) {
                return channel.isConnected() ? SendOutcome.BACK_PRESSURED : SendOutcome.NOT_CONNECTED;
            }
            reserveStaging(frameBytes);
            return SendOutcome.SENT;
        }
        final long position = channel.tryClaim(frameBytes, claim);
        if (position < 0) {
            return outcomeOf(position);
        }
        buffer = claim.buffer();
        offset = claim.offset();
        return SendOutcome.SENT;
    }

    @Override
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public SendOutcome commit() {
        if (claimed) {
            claim.commit();
            return SendOutcome.SENT;
        }
        return offer(buffer, offset, length);
    }

    @Override
    public SendOutcome offer(final DirectBuffer frame, final int frameOffset, final int frameBytes) {
        final long position = opened().offer(frame, frameOffset, frameBytes);
        return position < 0 ? outcomeOf(position) : SendOutcome.SENT;
    }

    @Override
    public void close() {
        if (publication != null) {
            publication.close();
        } else if (refusal.isEmpty()) {
            aeron.asyncRemovePublication(registrationId);
        }
    }

    private ExclusivePublication opened() {
        final ExclusivePublication current = publication;
        if (current == null) {
            throw new IllegalStateException("the channel isn't open");
        }
        return current;
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
