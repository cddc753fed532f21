package io.cheshire.model.runtime.paced;

import java.util.concurrent.locks.LockSupport;

/** Lets calls last. The device thread's. */
final class Pacer {
    /** The last part is waited for by looking at the clock. */
    private static final long SPIN_NS = 50_000;
    /** The kernel wakes sleepers so much later than they ask for (its timer slack). */
    private static final long SLACK_NS = 50_000;

    private final Lateness lateness;

    Pacer(final Lateness lateness) {
        this.lateness = lateness;
    }

    /** Returns when a call that began then has lasted so long. */
    void pace(final long beganNs, final long lastsNs) {
        final long dueNs = beganNs + lastsNs;
        long leftNs = dueNs - System.nanoTime();
        while (leftNs > SPIN_NS + SLACK_NS) {
            LockSupport.parkNanos(this, leftNs - SPIN_NS - SLACK_NS);
            if (Thread.currentThread().isInterrupted()) {
                break; // a parked thread that is interrupted doesn't park: the process ends
            }
            leftNs = dueNs - System.nanoTime();
        }
        while (System.nanoTime() - dueNs < 0) {
            Thread.onSpinWait();
        }
        lateness.record(System.nanoTime() - dueNs);
    }
}
