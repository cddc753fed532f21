package io.cheshire.model.runtime.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.EnumMap;
import java.util.Map;

/** The driver's functions as handles, and the ways in which they give something back. */
final class DriverFunctions {
    private final String library;
    private final Map<CudaFunction, MethodHandle> functions = new EnumMap<>(CudaFunction.class);

    /** Opens the library for the life of the JVM. */
    DriverFunctions(final String library) {
        this.library = library;
        final SymbolLookup lookup;
        try {
            lookup = SymbolLookup.libraryLookup(library, Arena.global());
        } catch (final IllegalArgumentException absent) {
            throw new CudaException(
                    library + " isn't here: NVIDIA's driver brings it (cheshire.cuda.driver-library)", absent);
        }
        for (final CudaFunction function : CudaFunction.values()) {
            lookup.find(function.symbol())
                    .ifPresent(address -> functions.put(
                            function, Linker.nativeLinker().downcallHandle(address, function.descriptor())));
        }
    }

    boolean has(final CudaFunction function) {
        return functions.containsKey(function);
    }

    MethodHandle handle(final CudaFunction function) {
        final MethodHandle handle = functions.get(function);
        if (handle == null) {
            throw new CudaException(library + " has no function " + function.symbol() + ": the driver is too old");
        }
        return handle;
    }

    void call(final CudaFunction function, final Object... arguments) {
        final int result;
        try {
            result = (int) handle(function).invokeWithArguments(arguments);
        } catch (final Throwable cause) {
            throw unexpected(cause);
        }
        if (result != 0) {
            throw new CudaException(function.symbol(), result);
        }
    }

    /** What the function writes where its first argument points. */
    int intOf(final CudaFunction function, final Object... more) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_INT);
            call(function, first(out, more));
            return out.get(JAVA_INT, 0);
        }
    }

    long longOf(final CudaFunction function, final Object... more) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            call(function, first(out, more));
            return out.get(JAVA_LONG, 0);
        }
    }

    MemorySegment addressOf(final CudaFunction function, final Object... more) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(ADDRESS);
            call(function, first(out, more));
            return out.get(ADDRESS, 0);
        }
    }

    private static Object[] first(final MemorySegment out, final Object[] more) {
        final Object[] all = new Object[more.length + 1];
        all[0] = out;
        System.arraycopy(more, 0, all, 1, more.length);
        return all;
    }

    /** What a handle may throw, as something unchecked; a downcall itself throws nothing. */
    static RuntimeException unexpected(final Throwable cause) {
        if (cause instanceof RuntimeException runtime) {
            return runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new CudaException("a call of the driver failed", cause);
    }
}
