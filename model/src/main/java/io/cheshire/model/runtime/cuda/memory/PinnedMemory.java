package io.cheshire.model.runtime.cuda.memory;

import io.cheshire.model.runtime.cuda.ffi.CudaError;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import java.lang.foreign.MemorySegment;

/** Memory of the host that the device reads and writes, too; zeros at first. */
public final class PinnedMemory implements AutoCloseable {
    private final DeviceContext context;
    private final MemorySegment segment;
    private final long deviceAddress;

    /** @throws CudaException the host gives no more; nothing else is hurt */
    public PinnedMemory(final DeviceContext context, final long bytes) {
        this.context = context;
        context.enter();
        segment = context.get(() -> allocate(context, bytes));
        segment.fill((byte) 0);
        deviceAddress = context.get(() -> context.driver().deviceAddress(segment));
    }

    private static MemorySegment allocate(final DeviceContext context, final long bytes) {
        try {
            return context.driver().allocateHost(bytes);
        } catch (final CudaException refused) {
            if (CudaError.of(refused.code()) == CudaError.OUT_OF_MEMORY) {
                throw new CudaException(
                        "the host gives no " + bytes + " bytes of pinned memory: raise its limit (ulimit -l, the"
                                + " container's memory), or compute fewer rows at once",
                        refused);
            }
            throw refused;
        }
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
