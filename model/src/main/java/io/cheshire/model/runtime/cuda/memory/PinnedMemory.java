package io.cheshire.model.runtime.cuda.memory;

import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import java.lang.foreign.MemorySegment;

/** Memory of the host that the device reads and writes, too; zeros at first. */
public final class PinnedMemory implements AutoCloseable {
    private final DeviceContext context;
    private final MemorySegment segment;
    private final long deviceAddress;

    public PinnedMemory(final DeviceContext context, final long bytes) {
        this.context = context;
        context.enter();
        segment = context.get(() -> context.driver().allocateHost(bytes));
        segment.fill((byte) 0);
        deviceAddress = context.get(() -> context.driver().deviceAddress(segment));
    }

    /** Not to be used once closed. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where the device sees it. */
    public long deviceAddress() {
        return deviceAddress;
    }

    @Override
    public void close() {
        if (!context.isLost()) {
            context.enter();
            context.run(() -> context.driver().freeHost(segment));
        }
    }
}
