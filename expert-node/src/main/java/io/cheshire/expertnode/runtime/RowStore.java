package io.cheshire.expertnode.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Rows that wait, off heap, in chunks that are allocated when first needed. The node's thread only; the arena is the
 * node's.
 */
final class RowStore {
    private static final int ROWS_PER_CHUNK = 64;

    private final Arena arena;
    private final int rowBytes;
    private final List<UnsafeBuffer> chunks = new ArrayList<>();

    RowStore(final Arena arena, final int rowBytes) {
        this.arena = arena;
        this.rowBytes = rowBytes;
    }

    void put(final int slot, final DirectBuffer source, final int offset) {
        while (slot / ROWS_PER_CHUNK >= chunks.size()) {
            final MemorySegment chunk = arena.allocate((long) ROWS_PER_CHUNK * rowBytes, 64);
            chunks.add(new UnsafeBuffer(chunk.address(), Math.toIntExact(chunk.byteSize())));
        }
        chunks.get(slot / ROWS_PER_CHUNK).putBytes(slot % ROWS_PER_CHUNK * rowBytes, source, offset, rowBytes);
    }

    void get(final int slot, final MutableDirectBuffer target, final int offset) {
        target.putBytes(offset, chunks.get(slot / ROWS_PER_CHUNK), slot % ROWS_PER_CHUNK * rowBytes, rowBytes);
    }
}
