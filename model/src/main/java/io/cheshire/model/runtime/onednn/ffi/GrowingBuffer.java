package io.cheshire.model.runtime.onednn.ffi;

import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Native scratch that grows to what was asked of it at most. What it holds is lost when it grows. Growing allocates
 * before it frees: where there is no memory, the old block stays and serves the next smaller job. Device thread
 * only.
 */
public final class GrowingBuffer implements AutoCloseable {
    private final LongFunction<NativeBuffer> allocator;
    private @Nullable NativeBuffer buffer;

    public GrowingBuffer() {
        this(NativeBuffer::allocate);
    }

    GrowingBuffer(final LongFunction<NativeBuffer> allocator) {
        this.allocator = allocator;
    }

    /**
     * The address of at least {@code bytes} bytes, good until the next call or {@link #close}.
     *
     * @throws IllegalStateException there are none; this buffer is as it was
     */
    public long atLeast(final long bytes) {
        final NativeBuffer old = buffer;
        if (old != null && old.bytes() >= bytes) {
            return old.address();
        }
        final NativeBuffer larger = allocator.apply(bytes);
        buffer = larger;
        if (old != null) {
            old.close();
        }
        return larger.address();
    }

    /** The address of what was asked for last. */
    public long address() {
        final NativeBuffer held = buffer;
        if (held == null) {
            throw new IllegalStateException("no room was reserved");
        }
        return held.address();
    }

    /** Frees the memory; a later {@link #atLeast} allocates anew. */
    @Override
    public void close() {
        final NativeBuffer old = buffer;
        buffer = null;
        if (old != null) {
            old.close();
        }
    }
}
