package io.cheshire.model.runtime.onednn.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Runs our own row work on oneDNN's OpenMP threads, so that a device has one team of threads and never more threads
 * than cores. The calling thread is part of the team. Where the OpenMP runtime has no GNU entry point the work runs on
 * the calling thread alone.
 *
 * <p>Used by one thread at a time. A task object is made once and run again and again; running it makes no garbage.
 */
public final class OpenMpTeam implements AutoCloseable {
    /** A part of a loop. Parts run at once on several threads and in no fixed order. */
    @FunctionalInterface
    public interface RangeTask {
        /**
         * @param worker number of the thread in the team, from 0: picks its scratch
         * @param begin  first index
         * @param end    after the last index
         */
        void run(int worker, int begin, int end);
    }

    private static final @Nullable SymbolLookup OPENMP = NativeLibraries.OPENMP;
    private static final @Nullable MethodHandle PARALLEL =
            find("GOMP_parallel", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT));
    private static final @Nullable MethodHandle THREAD_NUMBER =
            find("omp_get_thread_num", FunctionDescriptor.of(JAVA_INT), Linker.Option.critical(false));
    private static final @Nullable MethodHandle SET_THREADS =
            find("omp_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT), Linker.Option.critical(false));

    private final int threads;
    private final Arena arena = Arena.ofShared();
    private final long bodyAddress;
    private final AtomicInteger next = new AtomicInteger();
    private @Nullable RangeTask task;
    private int count;
    private int grain;
    private volatile @Nullable Throwable failure;

    /** @param threads size of the team, the caller included */
    public OpenMpTeam(final int threads) {
        this.threads = threads;
        this.bodyAddress = PARALLEL == null ? 0 : upcall();
    }

    public int threads() {
        return threads;
    }

    /**
     * OpenMP keeps its thread count per calling thread, and another device may have used this thread: call this at the
     * start of every job. A few nanoseconds.
     */
    public void prepareCallingThread() {
        if (SET_THREADS == null) {
            return;
        }
        try {
            SET_THREADS.invokeExact(threads);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
    }

    /**
     * Runs {@code work} over {@code 0 .. indexCount - 1} in parts of {@code indicesPerPart}, and returns when all are
     * done. What a part throws is thrown here once all threads have stopped.
     */
    public void run(final int indexCount, final int indicesPerPart, final RangeTask work) {
        if (threads == 1 || PARALLEL == null || indexCount <= indicesPerPart) {
            work.run(0, 0, indexCount);
            return;
        }
        task = work;
        count = indexCount;
        grain = indicesPerPart;
        next.set(0);
        failure = null;
        try {
            PARALLEL.invokeExact(bodyAddress, 0L, threads, 0);
        } catch (final Throwable cause) {
            throw Call.unexpected(cause);
        }
        final Throwable thrown = failure;
        if (thrown != null) {
            throw Call.unexpected(thrown);
        }
    }

    /** The body of the parallel region, on every thread of the team. Nothing may leave it: that would end the JVM. */
    @SuppressWarnings("unused") // called from native code
    private void body(final long ignored) {
        try {
            final RangeTask work = task;
            if (work == null || THREAD_NUMBER == null) {
                return;
            }
            final int worker = (int) THREAD_NUMBER.invokeExact();
            for (int begin = next.getAndAdd(grain); begin < count; begin = next.getAndAdd(grain)) {
                work.run(worker, begin, Math.min(count, begin + grain));
            }
        } catch (final Throwable cause) {
            failure = cause;
        }
    }

    private long upcall() {
        try {
            final MethodHandle body =
                    MethodHandles.lookup().bind(this, "body", MethodType.methodType(void.class, long.class));
            return Call.LINKER
                    .upcallStub(body, FunctionDescriptor.ofVoid(JAVA_LONG), arena)
                    .address();
        } catch (final ReflectiveOperationException cause) {
            throw new OneDnnException("cannot make the OpenMP callback", cause);
        }
    }

    private static @Nullable MethodHandle find(
            final String name, final FunctionDescriptor signature, final Linker.Option... options) {
        if (OPENMP == null) {
            return null;
        }
        final Optional<java.lang.foreign.MemorySegment> symbol = OPENMP.find(name);
        return symbol.isEmpty() ? null : Call.LINKER.downcallHandle(symbol.get(), signature, options);
    }

    @Override
    public void close() {
        arena.close();
    }
}
