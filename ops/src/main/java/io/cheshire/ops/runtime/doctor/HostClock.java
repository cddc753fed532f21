package io.cheshire.ops.runtime.doctor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.cheshire.ops.core.doctor.HostFacts;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where time comes from, and what it takes to read it. */
final class HostClock {
    private static final String SOURCE = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    private static final int READS = 200_000;
    /** More than {@code struct timex} has; only its first half is read. */
    private static final int TIMEX_BYTES = 512;
    /** Behind modes, offset, frequency and two errors. */
    private static final int TIMEX_STATUS = 40;

    private static final int UNSYNCHRONISED = 0x40;

    private HostClock() {}

    static HostFacts.Clock find(final SystemFiles files) {
        return new HostFacts.Clock(files.text(SOURCE), readNs(), synchronised());
    }

    /** The second half counts: by then the loop is compiled. */
    private static double readNs() {
        long last = System.nanoTime();
        for (int i = 0; i < READS; i++) {
            last = System.nanoTime();
        }
        final long startNs = last;
        for (int i = 0; i < READS; i++) {
            last = System.nanoTime();
        }
        return (last - startNs) / (double) READS;
    }

    /** Asks the kernel and changes nothing: no mode is set. */
    private static @Nullable Boolean synchronised() {
        final Optional<MemorySegment> symbol =
                Linker.nativeLinker().defaultLookup().find("adjtimex");
        if (symbol.isEmpty() || !System.getProperty("os.arch").matches("amd64|aarch64")) {
            return null;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MethodHandle adjtimex =
                    Linker.nativeLinker().downcallHandle(symbol.get(), FunctionDescriptor.of(JAVA_INT, ADDRESS));
            final MemorySegment timex = arena.allocate(TIMEX_BYTES, Long.BYTES);
            if ((int) adjtimex.invokeExact(timex) < 0) {
                return null;
            }
            return (timex.get(JAVA_INT, TIMEX_STATUS) & UNSYNCHRONISED) == 0;
        } catch (final Throwable cause) {
            return null;
        }
    }
}
