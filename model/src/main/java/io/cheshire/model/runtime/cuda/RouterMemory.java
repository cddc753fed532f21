package io.cheshire.model.runtime.cuda;

import io.cheshire.model.core.kernel.TensorView;
import io.cheshire.model.protocol.Dtype;
import io.cheshire.model.runtime.cuda.memory.DeviceBlock;
import io.cheshire.model.runtime.cuda.memory.PinnedMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * All memory that one router holds, on the device and pinned; what was taken before a failure is freed with it. For the
 * device thread.
 */
final class RouterMemory implements AutoCloseable {
    private static final String REMEDY = "lower cheshire.router.engine.kv.bytes";

    private final CudaKernels kernels;
    private final List<AutoCloseable> held = new ArrayList<>();

    RouterMemory(final CudaKernels kernels) {
        this.kernels = kernels;
    }

    CudaKernels kernels() {
        return kernels;
    }

    /** @throws io.cheshire.model.runtime.cuda.ffi.CudaException there isn't so much left; it says how much is */
    DeviceBlock device(final long bytes, final String what) {
        final DeviceBlock block = new DeviceBlock(kernels.context(), bytes, what, REMEDY);
        held.add(block);
        return block;
    }

    PinnedMemory pinned(final long bytes) {
        final PinnedMemory memory = new PinnedMemory(kernels.context(), bytes);
        held.add(memory);
        return memory;
    }

    /**
     * What {@code maker} makes of memory that it takes here. Where it fails, what it took until then is given back at
     * once: whoever tries again would take it once more each time. Nothing may be queued for it yet.
     */
    <T> T wholeOrNothing(final Supplier<T> maker) {
        final int before = held.size();
        try {
            return maker.get();
        } catch (final RuntimeException | Error failure) {
            while (held.size() > before) {
                close(held.removeLast());
            }
            throw failure;
        }
    }

    /** Memory that nothing in the stream uses any more. */
    void free(final AutoCloseable memory) {
        held.remove(memory);
        close(memory);
    }

    /** A tensor as it is, in {@code dtype}; there once a later ticket is seen. */
    DeviceBlock tensor(final TensorView view, final Dtype dtype, final long... shape) {
        final DeviceBlock block = device(elements(shape) * dtype.bytes(), view.name());
        upload(view, dtype, block.address(), shape);
        return block;
    }

    /** Queues the copying of a tensor that must have this shape. */
    void upload(final TensorView view, final Dtype dtype, final long to, final long... shape) {
        CudaExpertKernel.requireShape(view, shape);
        kernels.staging().upload(view, dtype, to);
    }

    private static long elements(final long... shape) {
        long elements = 1;
        for (final long dimension : shape) {
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    /** Waits for the stream, which may still copy into this memory where a load failed half-way. */
    @Override
    public void close() {
        kernels.settle();
        held.reversed().forEach(RouterMemory::close);
        held.clear();
    }

    private static void close(final AutoCloseable memory) {
        switch (memory) {
            case DeviceBlock block -> block.close();
            case PinnedMemory pinned -> pinned.close();
            default -> throw new IllegalStateException("not memory of a router: " + memory);
        }
    }
}
