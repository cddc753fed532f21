package io.cheshire.model.runtime.onednn.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Our native kernels that this processor has the instructions for. They are optional: where there is no library for a
 * platform, or it can't be unpacked or opened, there are none, and {@link #absence} says why.
 *
 * @param all     those for quantised matmuls, the fastest first
 * @param bf16    that for few rows in bf16; null where the processor has no instructions for it
 * @param absence why there are none; empty where there are some, or none are wanted
 */
public record NativeKernels(
        List<NativeKernel> all, @Nullable NativeBf16Kernel bf16, String absence) {
    /** Instruction sets that functions are named by, the fastest first. */
    private static final List<String> NAMES = List.of("avx512_vnni", "avx2");

    private static final String BF16 = "avx512_bf16";

    private static final FunctionDescriptor FOUR =
            FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private static final FunctionDescriptor HAS = FunctionDescriptor.of(JAVA_INT);

    /** Not wanted. */
    public static final NativeKernels NONE = new NativeKernels(List.of(), "");

    private static final class Shipped {
        static final NativeKernels KERNELS = open();

        private Shipped() {}

        private static NativeKernels open() {
            final String platform = Loader.getPlatform();
            try {
                final Path library =
                        ShippedLibrary.unpack(platform, Loader.getCacheDir().toPath());
                return library == null ? none("not built for " + platform) : NativeKernels.of(library);
            } catch (final IOException failure) {
                return none("they can't be unpacked: " + failure);
            }
        }
    }

    public NativeKernels {
        all = List.copyOf(all);
    }

    /** Without one for bf16. */
    public NativeKernels(final List<NativeKernel> all, final String absence) {
        this(all, null, absence);
    }

    /** Those of the library that is shipped, opened once for the life of the JVM. */
    public static NativeKernels shipped() {
        return Shipped.KERNELS;
    }

    /** Those of a library. Never throws: what can't be opened has none. */
    public static NativeKernels of(final Path library) {
        try {
            final SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
            final List<NativeKernel> usable = new ArrayList<>();
            for (final String name : NAMES) {
                if (has(symbols, name)) {
                    usable.add(kernel(symbols, name));
                }
            }
            return usable.isEmpty()
                    ? none("this processor has no " + String.join(" or ", NAMES))
                    : new NativeKernels(usable, has(symbols, BF16) ? bf16(symbols) : null, "");
        } catch (final Throwable failure) {
            final RuntimeException why = Call.unexpected(failure);
            return none("the library can't be opened: " + why.getMessage());
        }
    }

    private static boolean has(final SymbolLookup symbols, final String name) throws Throwable {
        return (int) Call.bind(symbols, "cheshire_has_" + name, HAS).invokeExact() != 0;
    }

    private static NativeKernels none(final String why) {
        return new NativeKernels(List.of(), why);
    }

    private static NativeKernel kernel(final SymbolLookup symbols, final String name) {
        return new Functions(
                name,
                Call.bind(symbols, "cheshire_" + name + "_bytes", FOUR),
                Call.bind(symbols, "cheshire_" + name + "_halves", FOUR));
    }

    private static NativeBf16Kernel bf16(final SymbolLookup symbols) {
        final MethodHandle panels = Call.bind(symbols, "cheshire_" + BF16, FOUR);
        return (matmul, weights, begin, end) -> {
            try {
                panels.invokeExact(matmul, weights, begin, end);
            } catch (final Throwable failure) {
                throw Call.unexpected(failure);
            }
        };
    }

    private record Functions(String name, MethodHandle bytes, MethodHandle halves) implements NativeKernel {
        @Override
        public void panel(final int bits, final long matmul, final long weights, final long scales, final long first) {
            try {
                if (bits == Byte.SIZE) {
                    bytes.invokeExact(matmul, weights, scales, first);
                } else {
                    halves.invokeExact(matmul, weights, scales, first);
                }
            } catch (final Throwable failure) {
                throw Call.unexpected(failure);
            }
        }
    }
}
