package io.cheshire.transport.protocol;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import org.agrona.MutableDirectBuffer;

/** Writes length, flags and, where configured, checksum of a frame: the last thing before it is sent. One per thread. */
public final class FrameSeal {
    private final FrameChecksum checksum = new FrameChecksum();
    private final boolean withChecksum;

    public FrameSeal(final boolean withChecksum) {
        this.withChecksum = withChecksum;
    }

    /** Length and flags, which a MAC covers. */
    void prepare(final MutableDirectBuffer buffer, final int offset, final int length) {
        buffer.putInt(offset + FrameLayout.FRAME_BYTES_OFFSET, length, LITTLE_ENDIAN);
        buffer.putInt(offset + FrameLayout.CHECKSUM_OFFSET, 0, LITTLE_ENDIAN);
        buffer.putInt(offset + FrameLayout.FLAGS_OFFSET, withChecksum ? FrameLayout.FLAG_CHECKSUM : 0, LITTLE_ENDIAN);
    }

    /** All of it; the frame is complete but for this. */
    public void apply(final MutableDirectBuffer buffer, final int offset, final int length) {
        prepare(buffer, offset, length);
        if (withChecksum) {
            buffer.putInt(offset + FrameLayout.CHECKSUM_OFFSET, checksum.of(buffer, offset, length), LITTLE_ENDIAN);
        }
    }
}
