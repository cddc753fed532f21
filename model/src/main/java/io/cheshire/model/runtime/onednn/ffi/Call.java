package io.cheshire.model.runtime.onednn.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * Binds C functions. Pointers travel as {@code long}, which is the same in every ABI we run on and makes no garbage.
 */
final class Call {
    static final Linker LINKER = Linker.nativeLinker();

    private Call() {}

    static MethodHandle bind(
            final SymbolLookup library,
            final String name,
            final FunctionDescriptor signature,
            final Linker.Option... options) {
        return LINKER.downcallHandle(
                library.find(name).orElseThrow(() -> new OneDnnException("the native library has no function " + name)),
                signature,
                options);
    }

    /** An {@code int} status from arguments of these layouts. */
    static MethodHandle status(final SymbolLookup library, final String name, final MemoryLayout... arguments) {
        return bind(library, name, FunctionDescriptor.of(java.lang.foreign.ValueLayout.JAVA_INT, arguments));
    }

    /** Turns what a method handle may throw into something unchecked; a downcall itself throws nothing. */
    static RuntimeException unexpected(final Throwable cause) {
        if (cause instanceof RuntimeException runtime) {
            return runtime;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return new OneDnnException("native call failed", cause);
    }
}
