package io.cheshire.model.runtime.onednn.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Uninitialised native memory. Large buffers start on a huge page and ask for huge pages: a decode step walks all the
 * weights, and with 4 KiB pages it misses the TLB on every page. Not an {@link Arena}, which would touch every byte
 * with zeros before that request could help.
 */
public final class NativeBuffer implements AutoCloseable {
    private static final long HUGE_PAGE_BYTES = 2L << 20;
    private static final long SMALL_ALIGNMENT_BYTES = 64;
    /** Of a large buffer's length: whole huge pages would cost small experts a seventh of their memory. */
    private static final long PAGE_BYTES = 4096;

    private static final int MADV_HUGEPAGE = 14;
    private static final boolean LINUX = System.getProperty("os.name", "").equals("Linux");

    private static final SymbolLookup LIBC = Call.LINKER.defaultLookup();
    private static final MethodHandle POSIX_MEMALIGN =
            Call.status(LIBC, "posix_memalign", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FREE = Call.bind(LIBC, "free", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle MADVISE = Call.status(LIBC, "madvise", JAVA_LONG, JAVA_LONG, JAVA_INT);

    private static final AtomicLong LIVE_BYTES = new AtomicLong();

    private final long bytes;
    private long address;

    private NativeBuffer(final long address, final long bytes) {
        this.address = address;
        this.bytes = bytes;
    }

    /**
     * Allocates at least {@code bytes}, aligned to a cache line.
     *
     * @throws IllegalStateException there are none: no reason to end the process, whose other units need no more than
     * they have
     */
    public static NativeBuffer allocate(final long bytes) {
        final boolean huge = bytes >= HUGE_PAGE_BYTES;
        final long alignment = huge ? HUGE_PAGE_BYTES : SMALL_ALIGNMENT_BYTES;
        final long unit = huge ? PAGE_BYTES : SMALL_ALIGNMENT_BYTES;
        final long rounded = Math.max(unit, Math.multiplyExact(Math.ceilDiv(bytes, unit), unit));
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment out = arena.allocate(JAVA_LONG);
            if ((int) POSIX_MEMALIGN.invokeExact(out.address(), alignment, rounded) != 0) {
                throw new IllegalStateException("cannot allocate " + rounded + " bytes of native memory");
            }
            final long address = out.get(JAVA_LONG, 0);
            if (huge && LINUX) {
                // Only advice: a kernel without huge pages says no and nothing changes.
                final int ignored = (int) MADVISE.invokeExact(address, rounded, MADV_HUGEPAGE);
            }
            LIVE_BYTES.addAndGet(rounded);
            return new NativeBuffer(address, rounded);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /** Bytes of all open buffers of this JVM. */
    public static long liveBytes() {
        return LIVE_BYTES.get();
    }

    public long address() {
        return address;
    }

    public long bytes() {
        return bytes;
    }

    /** A view for bulk copies; using it after {@link #close} is undefined. */
    public MemorySegment segment() {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    @Override
    public void close() {
        if (address == 0) {
            return;
        }
        try {
            FREE.invokeExact(address);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
        address = 0;
        LIVE_BYTES.addAndGet(-bytes);
    }
}
