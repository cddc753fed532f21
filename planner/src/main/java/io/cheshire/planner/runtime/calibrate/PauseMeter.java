package io.cheshire.planner.runtime.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Stalls of this process: a thread that sleeps a millisecond at a time notes when it woke late. */
final class PauseMeter implements AutoCloseable {
    private static final long SLEEP_NS = 1_000_000;
    /** Below this it may be the timer. */
    private static final long STALL_NS = 2_000_000;

    private static final int MOST = 9_000;

    private final Thread thread;
    private final long beganNs = System.nanoTime();
    private final List<Double> lengths = new ArrayList<>();
    private final List<Double> between = new ArrayList<>();
    private volatile boolean running = true;

    PauseMeter() {
        thread = Thread.ofPlatform().daemon().name("pauses").start(this::watch);
    }

    private void watch() {
        long lastStallNs = beganNs;
        while (running && lengths.size() < MOST) {
            final long sleptNs = System.nanoTime();
            LockSupport.parkNanos(SLEEP_NS);
            final long nowNs = System.nanoTime();
            final long lateNs = nowNs - sleptNs - SLEEP_NS;
            if (lateNs > STALL_NS) {
                lengths.add((double) lateNs);
                between.add((double) (sleptNs - lastStallNs));
                lastStallNs = nowNs;
            }
        }
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join();
        } catch (final InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (lengths.isEmpty()) { // none in all that time
            lengths.add(0.0);
            between.add((double) (System.nanoTime() - beganNs));
        }
    }

    /** Of each stall; after the end. */
    List<Double> lengthsNs() {
        return lengths;
    }

    /** From one to the next; after the end. */
    List<Double> betweenNs() {
        return between;
    }
}
