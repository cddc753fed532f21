package io.cheshire.benchmarks.engine.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The rate at which this machine reads memory: every thread sums its own part of a buffer larger than any cache, front
 * to back, in full vector registers, all threads starting together; the best of many passes counts, and passes go on
 * until none was better for a second (the first ones run uncompiled). Reading alone, as decoding does with weights
 * (STREAM's kernels write too). Huge pages are left to the system.
 */
public final class MemoryBandwidth {
    private static final long BUFFER_BYTES = 1L << 30;
    private static final long PAGE_ALIGNMENT_BYTES = 1L << 21;
    /** A call reads so much: short, so that it is compiled as a whole after few of them. */
    private static final long CHUNK_BYTES = 256L << 10;

    private static final long PATIENCE_NS = 1_000_000_000L;
    private static final long LONGEST_NS = 15_000_000_000L;
    private static final double NS_PER_SECOND = 1e9;
    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    private static final long BLOCK_BYTES = 4L * SPECIES.vectorByteSize();

    private final AtomicLong checksum = new AtomicLong();
    private final long beganNs = System.nanoTime();
    // Written by the last thread to reach the barrier, read by all behind it.
    private long passBeganNs;
    private long bestAtNs;
    private long bestNs = Long.MAX_VALUE;
    private boolean started;
    private boolean more = true;

    private MemoryBandwidth() {}

    /** Bytes per second, read by so many threads together. Takes a few seconds and a gibibyte. */
    public static double measure(final int threads) throws InterruptedException {
        return new MemoryBandwidth().run(threads);
    }

    private double run(final int threads) throws InterruptedException {
        final long partBytes = BUFFER_BYTES / threads / BLOCK_BYTES * BLOCK_BYTES;
        try (Arena arena = Arena.ofShared()) {
            final MemorySegment buffer =
                    arena.allocate(BUFFER_BYTES, PAGE_ALIGNMENT_BYTES).fill((byte) 1);
            final CyclicBarrier barrier = new CyclicBarrier(threads, this::passDone);
            final List<Thread> workers = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                final MemorySegment part = buffer.asSlice(t * partBytes, partBytes);
                workers.add(Thread.ofPlatform().daemon().name("bandwidth-" + t).start(() -> read(part, barrier)));
            }
            for (final Thread worker : workers) {
                worker.join();
            }
        }
        return partBytes * threads * NS_PER_SECOND / bestNs;
    }

    /** Once a pass, while all threads wait. The first call only starts the clock. */
    private void passDone() {
        final long nowNs = System.nanoTime();
        if (!started) {
            started = true;
            bestAtNs = nowNs;
        } else if (nowNs - passBeganNs < bestNs) {
            bestNs = nowNs - passBeganNs;
            bestAtNs = nowNs;
        }
        more = nowNs - bestAtNs < PATIENCE_NS && nowNs - beganNs < LONGEST_NS;
        passBeganNs = nowNs;
    }

    private void read(final MemorySegment part, final CyclicBarrier barrier) {
        try {
            barrier.await();
            while (more) {
                long sum = 0;
                for (long at = 0; at < part.byteSize(); at += CHUNK_BYTES) {
                    sum += sum(part, at, Math.min(part.byteSize(), at + CHUNK_BYTES));
                }
                checksum.addAndGet(sum);
                barrier.await();
            }
        } catch (final InterruptedException | BrokenBarrierException cause) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the measurement was interrupted", cause);
        }
    }

    private static long sum(final MemorySegment part, final long begin, final long end) {
        final ByteOrder order = ByteOrder.nativeOrder();
        final long step = SPECIES.vectorByteSize();
        LongVector a = LongVector.zero(SPECIES);
        LongVector b = a;
        LongVector c = a;
        LongVector d = a;
        for (long at = begin; at < end; at += BLOCK_BYTES) {
            a = a.add(LongVector.fromMemorySegment(SPECIES, part, at, order));
            b = b.add(LongVector.fromMemorySegment(SPECIES, part, at + step, order));
            c = c.add(LongVector.fromMemorySegment(SPECIES, part, at + 2 * step, order));
            d = d.add(LongVector.fromMemorySegment(SPECIES, part, at + 3 * step, order));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
