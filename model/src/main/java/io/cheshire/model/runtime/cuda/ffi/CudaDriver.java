package io.cheshire.model.runtime.cuda.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * NVIDIA's driver library, opened for the life of the JVM and called with no library between. Every call that the
 * driver doesn't answer with 0 throws a {@link CudaException}. Safe from any thread but a virtual one: a context is
 * current to a thread of the system.
 */
public final class CudaDriver {
    private static final int NAME_BYTES = 256;
    private static final int UUID_BYTES = 16;
    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    /** No wait for work of the legacy default stream. */
    private static final int NON_BLOCKING = 1;
    /** Pinned for all contexts, and in the device's address space. */
    private static final int PORTABLE_AND_MAPPED = 3;

    private final DriverFunctions functions;
    // Called for every job.
    private final MethodHandle launch;
    private final MethodHandle writeValue;
    private final MethodHandle query;

    private CudaDriver(final DriverFunctions functions) {
        this.functions = functions;
        launch = functions.handle(CudaFunction.LAUNCH_KERNEL);
        writeValue = functions.handle(CudaFunction.STREAM_WRITE_VALUE);
        query = functions.handle(CudaFunction.STREAM_QUERY);
    }

    /**
     * Opens and initialises the driver.
     *
     * @param library a name that the system's loader knows, or a path
     * @throws CudaException it isn't here, or has no device
     */
    public static CudaDriver open(final String library) {
        final CudaDriver driver = new CudaDriver(new DriverFunctions(library));
        driver.functions.call(CudaFunction.INIT, 0);
        return driver;
    }

    /** The newest CUDA that it knows, as {@code 13.0}. */
    public String version() {
        final int coded = functions.intOf(CudaFunction.DRIVER_GET_VERSION);
        return coded / 1000 + "." + coded % 1000 / 10;
    }

    public int deviceCount() {
        return functions.intOf(CudaFunction.DEVICE_GET_COUNT);
    }

    /** The handle of a device by its number. */
    public int device(final int ordinal) {
        return functions.intOf(CudaFunction.DEVICE_GET, ordinal);
    }

    public String deviceName(final int device) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment name = arena.allocate(NAME_BYTES);
            functions.call(CudaFunction.DEVICE_GET_NAME, name, NAME_BYTES, device);
            return name.getString(0, StandardCharsets.UTF_8);
        }
    }

    /** As nvidia-smi writes it, with {@code GPU-} before. */
    public String deviceUuid(final int device) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment uuid = arena.allocate(UUID_BYTES);
            functions.call(CudaFunction.DEVICE_GET_UUID, uuid, device);
            final String hex = HexFormat.of().formatHex(uuid.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
            return "GPU-" + hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
        }
    }

    /** The architecture's number: 90 for {@code sm_90}. */
    public int architecture(final int device) {
        return 10 * functions.intOf(CudaFunction.DEVICE_GET_ATTRIBUTE, CAPABILITY_MAJOR, device)
                + functions.intOf(CudaFunction.DEVICE_GET_ATTRIBUTE, CAPABILITY_MINOR, device);
    }

    public long deviceBytes(final int device) {
        return functions.longOf(CudaFunction.DEVICE_TOTAL_MEM, device);
    }

    /** The device's own context, which every user in this process shares. */
    public MemorySegment retainPrimaryContext(final int device) {
        return functions.addressOf(CudaFunction.PRIMARY_CTX_RETAIN, device);
    }

    public void releasePrimaryContext(final int device) {
        functions.call(CudaFunction.PRIMARY_CTX_RELEASE, device);
    }

    /** For the calling thread, from now on. */
    public void makeCurrent(final MemorySegment context) {
        functions.call(CudaFunction.CTX_SET_CURRENT, context);
    }

    /** Bytes that the current device has left. */
    public long freeBytes() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment free = arena.allocate(JAVA_LONG);
            functions.call(CudaFunction.MEM_GET_INFO, free, arena.allocate(JAVA_LONG));
            return free.get(JAVA_LONG, 0);
        }
    }

    /** Compiles PTX for the current device. */
    public MemorySegment loadModule(final String ptx) {
        try (Arena arena = Arena.ofConfined()) {
            return functions.addressOf(
                    CudaFunction.MODULE_LOAD, arena.allocateFrom(ptx), 0, MemorySegment.NULL, MemorySegment.NULL);
        }
    }

    public void unloadModule(final MemorySegment module) {
        functions.call(CudaFunction.MODULE_UNLOAD, module);
    }

    public MemorySegment function(final MemorySegment module, final String name) {
        try (Arena arena = Arena.ofConfined()) {
            return functions.addressOf(CudaFunction.MODULE_GET_FUNCTION, module, arena.allocateFrom(name));
        }
    }

    /** Whether {@link #parameterBytes} can be asked. */
    public boolean knowsParameters() {
        return functions.has(CudaFunction.FUNC_GET_PARAM_INFO);
    }

    /** Bytes of a kernel's parameter; 0 where it has no parameter of that number. */
    public long parameterBytes(final MemorySegment function, final long index) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment size = arena.allocate(JAVA_LONG);
            functions.call(CudaFunction.FUNC_GET_PARAM_INFO, function, index, arena.allocate(JAVA_LONG), size);
            return size.get(JAVA_LONG, 0);
        } catch (final CudaException refused) {
            if (CudaError.of(refused.code()) == CudaError.REFUSED) {
                return 0;
            }
            throw refused;
        }
    }

    /** Memory of the current device: its address there. */
    public long allocate(final long bytes) {
        return functions.longOf(CudaFunction.MEM_ALLOC, bytes);
    }

    public void free(final long address) {
        functions.call(CudaFunction.MEM_FREE, address);
    }

    /** Memory of the host that devices read and write, too. */
    public MemorySegment allocateHost(final long bytes) {
        return functions
                .addressOf(CudaFunction.MEM_HOST_ALLOC, bytes, PORTABLE_AND_MAPPED)
                .reinterpret(bytes);
    }

    public void freeHost(final MemorySegment memory) {
        functions.call(CudaFunction.MEM_FREE_HOST, memory);
    }

    /** Where the device sees pinned memory. */
    public long deviceAddress(final MemorySegment host) {
        return functions.longOf(CudaFunction.MEM_HOST_GET_DEVICE_POINTER, host, 0);
    }

    /** @param priority 0, or less: before streams of higher numbers; the driver takes the nearest that it has */
    public MemorySegment createStream(final int priority) {
        return functions.addressOf(CudaFunction.STREAM_CREATE, NON_BLOCKING, priority);
    }

    public void destroyStream(final MemorySegment stream) {
        functions.call(CudaFunction.STREAM_DESTROY, stream);
    }

    /** Begins a copy from pinned memory. */
    public void copyToDevice(final long to, final MemorySegment from, final long bytes, final MemorySegment stream) {
        functions.call(CudaFunction.MEMCPY_H_TO_D_ASYNC, to, from, bytes, stream);
    }

    /** Begins a kernel. */
    public void launch(
            final MemorySegment function,
            final int gridX,
            final int gridY,
            final int threads,
            final MemorySegment stream,
            final MemorySegment parameters) {
        final int result;
        try {
            result = (int) launch.invokeExact(
                    function, gridX, gridY, 1, threads, 1, 1, 0, stream, parameters, MemorySegment.NULL);
        } catch (final Throwable cause) {
            throw DriverFunctions.unexpected(cause);
        }
        if (result != 0) {
            throw new CudaException(CudaFunction.LAUNCH_KERNEL.symbol(), result);
        }
    }

    /** Has the stream write a value once all that is ahead of it is done; false where the driver doesn't do that. */
    public boolean writeValue(final MemorySegment stream, final long address, final int value) {
        final int result;
        try {
            result = (int) writeValue.invokeExact(stream, address, value, 0);
        } catch (final Throwable cause) {
            throw DriverFunctions.unexpected(cause);
        }
        if (result != 0 && result != CudaError.NOT_SUPPORTED) {
            throw new CudaException(CudaFunction.STREAM_WRITE_VALUE.symbol(), result);
        }
        return result == 0;
    }

    /** Whether a stream has work left. */
    public boolean isBusy(final MemorySegment stream) {
        final int result;
        try {
            result = (int) query.invokeExact(stream);
        } catch (final Throwable cause) {
            throw DriverFunctions.unexpected(cause);
        }
        if (result != 0 && result != CudaError.NOT_READY) {
            throw new CudaException(CudaFunction.STREAM_QUERY.symbol(), result);
        }
        return result == CudaError.NOT_READY;
    }
}
