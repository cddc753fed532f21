package io.cheshire.transport.protocol;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes length, flags and either a checksum, where configured, or number and MAC, once the link has a key: the last
 * thing before a frame is sent. One a channel, one thread.
 */
public final class FrameSeal {
    private final FrameChecksum checksum = new FrameChecksum();
    private final boolean withChecksum;
    private @Nullable FrameMac mac;
    private long frameNumber;

    public FrameSeal(final boolean withChecksum) {
        this.withChecksum = withChecksum;
    }

    /** From now on frames carry a MAC of this link and direction, and grow in number from 1. */
    public void authenticate(final FrameMac linkMac) {
        mac = linkMac;
        frameNumber = 0;
    }

    /** Length and flags of a handshake, which its signature covers. */
    void prepare(final MutableDirectBuffer buffer, final int offset, final int length) {
        buffer.putInt(offset + FrameLayout.FRAME_BYTES_OFFSET, length, LITTLE_ENDIAN);
        buffer.putInt(offset + FrameLayout.CHECKSUM_OFFSET, 0, LITTLE_ENDIAN);
        buffer.putInt(offset + FrameLayout.FLAGS_OFFSET, withChecksum ? FrameLayout.FLAG_CHECKSUM : 0, LITTLE_ENDIAN);
    }

    /** All of it; the frame is complete but for this. */
    public void apply(final MutableDirectBuffer buffer, final int offset, final int length) {
        prepare(buffer, offset, length);
        final FrameMac key = mac;
        if (key != null) {
            buffer.putInt(offset + FrameLayout.FLAGS_OFFSET, FrameLayout.FLAG_MAC, LITTLE_ENDIAN);
            // A frame that then finds no room leaves a gap, which is nothing to the receiver.
            buffer.putLong(offset + FrameLayout.NUMBER_OFFSET, ++frameNumber, LITTLE_ENDIAN);
            key.sign(buffer, offset, length);
        } else if (withChecksum) {
            buffer.putInt(offset + FrameLayout.CHECKSUM_OFFSET, checksum.of(buffer, offset, length), LITTLE_ENDIAN);
        }
    }
}
