package io.cheshire.model.runtime.cuda.memory;

import io.cheshire.model.runtime.cuda.ffi.CudaError;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;

/** Memory of the device. */
public final class DeviceBlock implements AutoCloseable {
    private final DeviceContext context;
    private final long address;
    private final long bytes;
    private boolean closed;

    /**
     * For an expert.
     *
     * @throws CudaException there isn't so much left; nothing else is hurt
     */
    public DeviceBlock(final DeviceContext context, final long bytes, final String what) {
        this(context, bytes, what, "give the node fewer units (cheshire.expert-node memory limit)");
    }

    /**
     * @param what   it is for
     * @param remedy what to do where there isn't so much left
     * @throws CudaException there isn't so much left; nothing else is hurt
     */
    public DeviceBlock(final DeviceContext context, final long bytes, final String what, final String remedy) {
        this.context = context;
        this.bytes = bytes;
        context.enter();
        address = context.get(() -> allocate(context, bytes, what, remedy));
    }

    private static long allocate(
            final DeviceContext context, final long bytes, final String what, final String remedy) {
        try {
            return context.driver().allocate(bytes);
        } catch (final CudaException refused) {
            if (CudaError.of(refused.code()) == CudaError.OUT_OF_MEMORY) {
                throw new CudaException(
                        "no " + bytes + " bytes are left on the device for " + what + " ("
                                + context.driver().freeBytes()
                                + " free): " + remedy + " or the device fewer processes",
                        refused);
            }
            throw refused;
        }
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        if (!closed && !context.isLost()) {
            context.enter();
            context.run(() -> context.driver().free(address));
        }
        closed = true;
    }
}
