package io.cheshire.ops.runtime.doctor;

import io.cheshire.ops.core.doctor.HostFacts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;

/** How fast memory is read: threads that each sum a buffer too large for caches, for about a second. */
final class BandwidthProbe {
    private static final long MOST_BYTES = 512L << 20;
    private static final long BUFFER_BYTES = 64L << 20;
    private static final int MOST_THREADS = 64;
    private static final long WARM_NS = 300_000_000;
    private static final long MEASURED_NS = 700_000_000;
    private static final int STRIDE = 8;
    private static final long ONES = 0x0101010101010101L;
    private static final double NS_PER_SECOND = 1e9;

    private BandwidthProbe() {}

    static HostFacts.Bandwidth measure(final int cores) throws InterruptedException {
        final int threads = Math.clamp(cores, 1, MOST_THREADS);
        final long longs = Math.min(BUFFER_BYTES, MOST_BYTES / threads) / Long.BYTES / STRIDE * STRIDE;
        final DoubleAdder bytesPerSecond = new DoubleAdder();
        final List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            readers.add(
                    Thread.ofPlatform().daemon().name("bandwidth-" + i).start(() -> bytesPerSecond.add(read(longs))));
        }
        for (final Thread reader : readers) {
            reader.join();
        }
        return new HostFacts.Bandwidth(bytesPerSecond.sum(), threads);
    }

    /** One thread's rate, after a while in which the loop is compiled and the others have come. */
    private static double read(final long longs) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(longs * Long.BYTES, Long.BYTES);
            buffer.fill((byte) 1);
            final long expected = longs * ONES;
            passes(buffer, longs, expected, WARM_NS);
            final long startNs = System.nanoTime();
            final long passes = passes(buffer, longs, expected, MEASURED_NS);
            return passes * longs * Long.BYTES * NS_PER_SECOND / (System.nanoTime() - startNs);
        }
    }

    /** Sums are looked at, so that nothing is left out that would only be thrown away. */
    private static long passes(final MemorySegment buffer, final long longs, final long expected, final long limitNs) {
        long passes = 0;
        final long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < limitNs) {
            passes += sum(buffer, longs) == expected ? 1 : 0;
        }
        return passes;
    }

    private static long sum(final MemorySegment buffer, final long longs) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (long i = 0; i < longs; i += STRIDE) {
            a += at(buffer, i) + at(buffer, i + 1);
            b += at(buffer, i + 2) + at(buffer, i + 3);
            c += at(buffer, i + 4) + at(buffer, i + 5);
            d += at(buffer, i + 6) + at(buffer, i + 7);
        }
        return a + b + c + d;
    }

    private static long at(final MemorySegment buffer, final long index) {
        return buffer.getAtIndex(ValueLayout.JAVA_LONG, index);
    }
}
