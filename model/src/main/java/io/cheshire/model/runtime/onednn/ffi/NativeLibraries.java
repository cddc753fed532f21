package io.cheshire.model.runtime.onednn.ffi;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The shared libraries inside the {@code org.bytedeco:dnnl} jar, unpacked once into JavaCPP's cache and opened for the
 * life of the JVM. Only oneDNN and its OpenMP runtime are opened: no JNI glue, no OpenCL.
 */
final class NativeLibraries {
    private static final List<String> OPENMP_NAMES =
            List.of("libgomp.so.1", "libiomp5.so", "libomp.dylib", "libiomp5.dylib", "libgomp.1.dylib");
    private static final List<String> DNNL_NAMES = List.of("libdnnl.so.3", "libdnnl.3.dylib");

    /** The OpenMP runtime; opened first, so that oneDNN binds to this very copy. Null where the jar has none. */
    static final @Nullable SymbolLookup OPENMP = open(OPENMP_NAMES);

    static final SymbolLookup DNNL = required(open(DNNL_NAMES));

    private NativeLibraries() {}

    private static @Nullable SymbolLookup open(final List<String> names) {
        for (final String name : names) {
            try {
                final File file =
                        Loader.cacheResource(dnnl.class, "/org/bytedeco/dnnl/" + Loader.getPlatform() + "/" + name);
                if (file != null) {
                    return SymbolLookup.libraryLookup(file.toPath(), Arena.global());
                }
            } catch (final IOException cause) {
                throw new OneDnnException(
                        "cannot unpack " + name
                                + " into JavaCPP's cache folder; set -Dorg.bytedeco.javacpp.cachedir to a"
                                + " writable folder",
                        cause);
            }
        }
        return null;
    }

    private static SymbolLookup required(final @Nullable SymbolLookup lookup) {
        if (lookup == null) {
            throw new OneDnnException("oneDNN is not on the class path for platform " + Loader.getPlatform()
                    + "; add org.bytedeco:dnnl with that classifier");
        }
        return lookup;
    }
}
