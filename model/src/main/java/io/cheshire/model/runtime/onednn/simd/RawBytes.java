package io.cheshire.model.runtime.onednn.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Bulk operations at raw addresses that make no garbage. */
public final class RawBytes {
    private RawBytes() {}

    /** Copies {@code bytes} bytes; the ranges may overlap. */
    public static void copy(final long from, final long to, final long bytes) {
        MemorySegment.copy(Lanes.ALL, from, Lanes.ALL, to, bytes);
    }

    /** Zeroes {@code bytes} bytes. */
    public static void clear(final long at, final long bytes) {
        long done = 0;
        for (; done + Long.BYTES <= bytes; done += Long.BYTES) {
            Lanes.ALL.set(ValueLayout.JAVA_LONG_UNALIGNED, at + done, 0L);
        }
        for (; done < bytes; done++) {
            Lanes.ALL.set(ValueLayout.JAVA_BYTE, at + done, (byte) 0);
        }
    }
}
