package io.cheshire.model.runtime.cuda.stream;

import io.cheshire.model.runtime.cuda.ffi.CudaDriver;
import io.cheshire.model.runtime.cuda.ffi.CudaError;
import io.cheshire.model.runtime.cuda.ffi.CudaException;
import io.cheshire.model.runtime.cuda.ffi.DeviceContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Our PTX, compiled by the driver for one device, and what was launched of it last, for people. Device thread. */
public final class KernelModule {
    private static final String RESOURCE = "/cuda/cheshire.ptx";
    private static final int RECENT_LAUNCHES = 32;

    private final DeviceContext context;
    private final CudaDriver driver;
    private final MemorySegment module;
    private final Deque<String> recent = new ArrayDeque<>(RECENT_LAUNCHES);
    private final Map<CudaKernel, MemorySegment> functions = new EnumMap<>(CudaKernel.class);

    /** @throws CudaException the driver doesn't take it */
    public KernelModule(final DeviceContext context) {
        this.context = context;
        this.driver = context.driver();
        context.enter();
        module = context.get(this::load);
        for (final CudaKernel kernel : CudaKernel.values()) {
            final MemorySegment function = context.get(() -> driver.function(module, kernel.symbol()));
            requireParameters(kernel, function);
            functions.put(kernel, function);
        }
    }

    private MemorySegment load() {
        try {
            return driver.loadModule(ptx());
        } catch (final CudaException refused) {
            if (CudaError.of(refused.code()) == CudaError.DOESNT_FIT) {
                throw new CudaException(
                        "this driver doesn't take our kernels (PTX 7.4, driver R470 or later; this one knows CUDA "
                                + driver.version() + ")",
                        refused);
            }
            throw refused;
        }
    }

    /** The kernels as they are shipped. */
    static String ptx() {
        try (InputStream in = KernelModule.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new CudaException(RESOURCE + " isn't on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (final IOException cause) {
            throw new UncheckedIOException(cause);
        }
    }

    /** A launch with another list of parameters would write where it happens to. */
    private void requireParameters(final CudaKernel kernel, final MemorySegment function) {
        if (!driver.knowsParameters()) {
            return;
        }
        final List<Integer> bytes = kernel.parameterBytes();
        for (int i = 0; i <= bytes.size(); i++) {
            final long expected = i < bytes.size() ? bytes.get(i) : 0;
            final long actual = driver.parameterBytes(function, i);
            if (actual != expected) {
                throw new CudaException("parameter " + i + " of kernel " + kernel.symbol() + " has " + actual
                        + " bytes and not " + expected + ": the PTX isn't of this release");
            }
        }
    }

    MemorySegment function(final CudaKernel kernel) {
        final MemorySegment function = functions.get(kernel);
        if (function == null) {
            throw new IllegalStateException(kernel + " isn't loaded");
        }
        return function;
    }

    /** Notes a launch. */
    void launched(final CudaKernel kernel) {
        if (recent.size() == RECENT_LAUNCHES) {
            recent.removeFirst();
        }
        recent.addLast(kernel.symbol());
    }

    /** What was launched last, on any stream. */
    String history() {
        return "; last kernels: " + String.join(" ", recent);
    }

    /** Its streams must be closed before. */
    public void close() {
        if (!context.isLost()) {
            driver.unloadModule(module);
        }
    }
}
