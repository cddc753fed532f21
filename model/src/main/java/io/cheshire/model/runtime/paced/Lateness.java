package io.cheshire.model.runtime.paced;

import io.cheshire.model.core.paced.PacedTimes;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How late paced calls returned, and whether that distorts what is measured with them. Written by one thread, read by
 * any.
 */
public final class Lateness {
    /** Of the shortest step: later than this, and the run says more about the machine than about the plan. */
    public static final double LIMIT = 0.05;

    /** Fewer calls than this say nothing of the 99th percentile. */
    private static final long ENOUGH_CALLS = 1_000;

    /** Classes an octave: a quantile is known to a fifth. */
    private static final int PARTS = 4;

    private static final double NS_PER_US = 1e3;
    private static final double PERCENT = 100;

    private final double stepNs;
    private final int callsInPath;
    private final AtomicLongArray counts = new AtomicLongArray(Long.SIZE * PARTS);
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong sumNs = new AtomicLong();
    private final AtomicLong maxNs = new AtomicLong();

    /** @param times of the kernels that are paced */
    public Lateness(final PacedTimes times) {
        this.stepNs = times.shortestStepNs();
        this.callsInPath = 2 * times.layerCount() + 1;
    }

    /** Notes a call that returned so much later than due. */
    public void record(final long lateNs) {
        final long late = Math.max(0, lateNs);
        counts.lazySet(classOf(late), counts.get(classOf(late)) + 1);
        calls.lazySet(calls.get() + 1);
        sumNs.lazySet(sumNs.get() + late);
        if (late > maxNs.get()) {
            maxNs.lazySet(late);
        }
    }

    private static int classOf(final long ns) {
        if (ns < PARTS) {
            return (int) ns;
        }
        final int octave = Long.SIZE - 1 - Long.numberOfLeadingZeros(ns);
        return (octave - 1) * PARTS + (int) (ns >>> (octave - 2)) - PARTS;
    }

    /** Largest value of a class. */
    private static long upTo(final int index) {
        if (index < PARTS) {
            return index;
        }
        final int octave = index / PARTS + 1;
        return ((long) (index % PARTS + PARTS + 1) << (octave - 2)) - 1;
    }

    public long calls() {
        return calls.get();
    }

    /** What a share of the calls were at most late by; 0 before the first. */
    public long quantileNs(final double share) {
        final long rank = (long) Math.ceil(share * calls.get());
        long seen = 0;
        for (int i = 0; i < counts.length(); i++) {
            seen += counts.get(i);
            if (seen >= rank && seen > 0) {
                return Math.min(upTo(i), maxNs.get());
            }
        }
        return maxNs.get();
    }

    /** All lateness together. */
    public long sumNs() {
        return sumNs.get();
    }

    public long maxNs() {
        return maxNs.get();
    }

    /**
     * What lateness adds to a step, as a share of the shortest: the 99th percentile of one call, or the mean of all
     * calls that follow each other in a step, whichever is more.
     */
    public double shareOfStep() {
        if (calls.get() == 0 || stepNs <= 0) {
            return 0;
        }
        final double mean = (double) sumNs.get() / calls.get();
        return Math.max((double) quantileNs(0.99), mean * callsInPath) / stepNs;
    }

    /** Whether times of a run with these kernels are those of the calibration. */
    public boolean valid() {
        return calls.get() < ENOUGH_CALLS || shareOfStep() <= LIMIT;
    }

    /** A line for people. */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "%d paced calls, late by p50 %.0f µs, p99 %.0f µs, at most %.0f µs: %.1f %% of a step, %s",
                calls(),
                quantileNs(0.5) / NS_PER_US,
                quantileNs(0.99) / NS_PER_US,
                maxNs() / NS_PER_US,
                PERCENT * shareOfStep(),
                valid() ? "valid" : "INVALID, more than " + Math.round(PERCENT * LIMIT) + " %");
    }
}
