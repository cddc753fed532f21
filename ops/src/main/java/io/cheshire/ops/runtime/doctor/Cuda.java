package io.cheshire.ops.runtime.doctor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.cheshire.ops.core.doctor.HostFacts;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** NVIDIA's processors as their driver's library tells of them. */
final class Cuda {
    private static final String LIBRARY = "libcuda.so.1";
    private static final int NAME_BYTES = 256;
    private static final double GIB = 1 << 30;
    private static final int MAJOR = 1000;
    private static final int MINOR = 10;

    private final SymbolLookup library;

    private Cuda(final SymbolLookup library) {
        this.library = library;
    }

    static HostFacts.Gpus find() {
        try (Arena arena = Arena.ofConfined()) {
            final SymbolLookup library;
            try {
                library = SymbolLookup.libraryLookup(LIBRARY, arena);
            } catch (final IllegalArgumentException absent) {
                return none(LIBRARY + " isn't here");
            }
            return new Cuda(library).devices(arena);
        }
    }

    private static HostFacts.Gpus none(final String why) {
        return new HostFacts.Gpus(why, "", List.of());
    }

    private HostFacts.Gpus devices(final Arena arena) {
        final int initialised = call("cuInit", new MemoryLayout[] {JAVA_INT}, 0);
        final MemorySegment number = arena.allocate(JAVA_INT);
        if (initialised != 0) {
            return none("cuInit says " + initialised);
        }
        if (call("cuDeviceGetCount", new MemoryLayout[] {ADDRESS}, number) != 0 || number.get(JAVA_INT, 0) == 0) {
            return none("the driver has no device");
        }
        final int count = number.get(JAVA_INT, 0);
        final MemorySegment name = arena.allocate(NAME_BYTES);
        final MemorySegment bytes = arena.allocate(JAVA_LONG);
        final List<String> devices = new ArrayList<>();
        for (int device = 0; device < count; device++) {
            call("cuDeviceGetName", new MemoryLayout[] {ADDRESS, JAVA_INT, JAVA_INT}, name, NAME_BYTES, device);
            call("cuDeviceTotalMem_v2", new MemoryLayout[] {ADDRESS, JAVA_INT}, bytes, device);
            devices.add(String.format(Locale.ROOT, "%s %.0f GiB", name.getString(0), bytes.get(JAVA_LONG, 0) / GIB));
        }
        number.set(JAVA_INT, 0, 0);
        call("cuDriverGetVersion", new MemoryLayout[] {ADDRESS}, number);
        final int version = number.get(JAVA_INT, 0);
        return new HostFacts.Gpus(null, version / MAJOR + "." + version % MAJOR / MINOR, devices);
    }

    private int call(final String name, final MemoryLayout[] parameters, final Object... arguments) {
        try {
            return (int) Linker.nativeLinker()
                    .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, parameters))
                    .invokeWithArguments(arguments);
        } catch (final Throwable cause) {
            throw new IllegalStateException(name + " of " + LIBRARY + " can't be called", cause);
        }
    }
}
