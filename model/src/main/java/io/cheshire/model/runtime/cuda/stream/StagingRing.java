package io.cheshire.model.runtime.cuda.stream;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.cheshire.model.core.kernel.Bf16;
import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Pinned chunks on a tensor's way to the device: one is filled while the one before is copied. */
public final class StagingRing implements AutoCloseable {
    private static final int CHUNKS = 2;
    private static final int CHUNK_BYTES = 4 << 20;
    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat SINGLE =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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
            convert(view, first, elements, chunk, dtype);
            stream.copyToDevice(to + first * dtype.bytes(), chunk, elements * dtype.bytes());
            tickets[slot] = stream.ticket();
        }
    }

    private static void convert(
            final TensorView view, final long first, final long count, final MemorySegment to, final Dtype dtype) {
        if (view.dtype() == dtype) {
            MemorySegment.copy(view.data(), first * dtype.bytes(), to, 0, count * dtype.bytes());
            return;
        }
        for (long i = 0; i < count; i++) {
            final float value = element(view, first + i);
            switch (dtype) {
                case BF16 -> to.setAtIndex(JAVA_SHORT, i, Bf16.fromFloat(value));
                case F32 -> to.setAtIndex(JAVA_FLOAT, i, value);
                case F16 -> to.setAtIndex(JAVA_SHORT, i, Float.floatToFloat16(value));
                case I8, I4X2 -> throw new IllegalArgumentException("GPUs don't compute in " + dtype);
            }
        }
    }

    private static float element(final TensorView view, final long index) {
        final long at = index * view.dtype().bytes();
        return switch (view.dtype()) {
            case BF16 -> Bf16.toFloat(view.data().get(HALF, at));
            case F16 -> Float.float16ToFloat(view.data().get(HALF, at));
            case F32 -> view.data().get(SINGLE, at);
            case I8, I4X2 -> throw view.quantised();
        };
    }

    @Override
    public void close() {
        for (final PinnedMemory chunk : chunks) {
            chunk.close();
        }
    }
}
