package io.cheshire.model.runtime.cuda.nvml;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.EnumMap;
import java.util.Map;

/** The library's functions as handles. Opened for the life of the JVM. */
final class NvmlLibrary {
    /** What a function answers that did as asked. */
    static final int SUCCESS = 0;

    private static final int NOT_SUPPORTED = 3;
    private static final int NO_PERMISSION = 4;
    private static final int NOT_FOUND = 6;
    private static final int DRIVER_NOT_LOADED = 9;
    private static final int GPU_IS_LOST = 15;
    private static final int RESET_REQUIRED = 16;

    private final String library;
    private final Map<NvmlFunction, MethodHandle> functions = new EnumMap<>(NvmlFunction.class);

    NvmlLibrary(final String library) {
        this.library = library;
        final SymbolLookup lookup;
        try {
            lookup = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (final IllegalArgumentException absent) {
            throw new NvmlException(
                    library + " isn't here: NVIDIA's driver brings it (cheshire.cuda.health-library)", absent);
        }
        for (final NvmlFunction function : NvmlFunction.values()) {
            lookup.find(function.symbol)
                    .ifPresent(address -> functions.put(
                            function, Linker.nativeLinker().downcallHandle(address, function.descriptor())));
        }
    }

    /** Calls a function that must do as asked. */
    void call(final NvmlFunction function, final Object... arguments) {
        final int result = result(function, arguments);
        if (result != SUCCESS) {
            throw refused(function, result);
        }
    }

    /** Calls a function that not every GPU and driver has; false where it has nothing to say. */
    boolean tells(final NvmlFunction function, final Object... arguments) {
        final int result = result(function, arguments);
        if (result == GPU_IS_LOST || result == RESET_REQUIRED) {
            throw refused(function, result);
        }
        return result == SUCCESS;
    }

    /** Calls a function whose answer changes nothing. */
    void callAnyway(final NvmlFunction function, final Object... arguments) {
        result(function, arguments);
    }

    private int result(final NvmlFunction function, final Object... arguments) {
        final MethodHandle handle = functions.get(function);
        if (handle == null) {
            return NOT_SUPPORTED;
        }
        try {
            return (int) handle.invokeWithArguments(arguments);
        } catch (final RuntimeException | Error cause) {
            throw cause;
        } catch (final Throwable cause) {
            throw new NvmlException(function.symbol + " can't be called", cause);
        }
    }

    private NvmlException refused(final NvmlFunction function, final int result) {
        return new NvmlException(library + ": " + function.symbol + " answered " + result + " (" + text(result) + ")");
    }

    /** What the value stands for, for people; the library isn't asked, since it may have gone with the GPU. */
    private static String text(final int result) {
        return switch (result) {
            case NOT_SUPPORTED -> "not supported, or missing in this driver";
            case NO_PERMISSION -> "no permission";
            case NOT_FOUND -> "no such GPU";
            case DRIVER_NOT_LOADED -> "the driver isn't loaded";
            case GPU_IS_LOST -> "the GPU is lost";
            case RESET_REQUIRED -> "the GPU must be reset";
            default -> "see nvml.h";
        };
    }

    /** Memory of one call's answer. */
    static MemorySegment out(final Arena arena, final long bytes) {
        return arena.allocate(bytes, Long.BYTES);
    }
}
