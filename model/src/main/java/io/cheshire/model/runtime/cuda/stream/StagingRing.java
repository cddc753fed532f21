package io.cheshire.model.runtime.cuda.stream;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import io.cheshire.model.runtime.onednn.matmul.TensorCopy;
import java.lang.foreign.MemorySegment;

/** Pinned chunks on a tensor's way to the device: one is filled while the one before is copied. */
public final class StagingRing implements AutoCloseable {
    private static final int CHUNKS = 2;
    private static final int CHUNK_BYTES = 4 << 20;

    private final DeviceStream stream;
    private final PinnedMemory[] chunks = new PinnedMemory[CHUNKS];
    private final int[] tickets = new int[CHUNKS];
    private int next;

    public StagingRing(final DeviceContext context, final DeviceStream stream) {
        this.stream = stream;
        for (int i = 0; i < CHUNKS; i++) {
            chunks[i] = new PinnedMemory(context, CHUNK_BYTES);
        }
    }

    /** Queues the copying of a tensor in {@code dtype}; its view may be closed once this returns. */
    public void upload(final TensorView view, final Dtype dtype, final long to) {
        final long chunkElements = CHUNK_BYTES / Float.BYTES;
        final long count = view.elementCount();
        for (long first = 0; first < count; first += chunkElements) {
            final long elements = Math.min(chunkElements, count - first);
            final int slot = next++ % CHUNKS;
            stream.await(tickets[slot]);
            final MemorySegment chunk = chunks[slot].segment();
            TensorCopy.copy(view, first, elements, chunk, 0, dtype);
            stream.copyToDevice(to + first * dtype.bytes(), chunk, elements * dtype.bytes());
            tickets[slot] = stream.ticket();
        }
    }

    @Override
    public void close() {
        for (final PinnedMemory chunk : chunks) {
            chunk.close();
        }
    }
}
