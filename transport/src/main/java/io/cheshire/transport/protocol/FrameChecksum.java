package io.cheshire.transport.protocol;

import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * CRC32C of a frame with its checksum field taken as zero: finds every single-bit flip and every burst up to 32 bits.
 * One instance per thread. The bytes go through a buffer that stays in the L1 cache, since {@link CRC32C} can't read a
 * term buffer in place without allocating.
 */
public final class FrameChecksum {
    private static final int CHUNK_BYTES = 8192;

    private final CRC32C crc = new CRC32C();
    private final byte[] chunk = new byte[CHUNK_BYTES];

    /** @param length at least {@link FrameLayout#COMMON_BYTES} */
    public int of(final DirectBuffer buffer, final int offset, final int length) {
        crc.reset();
        int done = 0;
        while (done < length) {
            final int count = Math.min(CHUNK_BYTES, length - done);
            buffer.getBytes(offset + done, chunk, 0, count);
            if (done == 0) {
                final int at = FrameLayout.CHECKSUM_OFFSET;
                chunk[at] = 0;
                chunk[at + 1] = 0;
                chunk[at + 2] = 0;
                chunk[at + 3] = 0;
            }
            crc.update(chunk, 0, count);
            done += count;
        }
        return (int) crc.getValue();
    }

    boolean matches(final DirectBuffer buffer, final int offset, final int length) {
        return buffer.getInt(offset + FrameLayout.CHECKSUM_OFFSET, ByteOrder.LITTLE_ENDIAN)
                == of(buffer, offset, length);
    }
}
