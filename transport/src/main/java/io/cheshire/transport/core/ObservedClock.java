package io.cheshire.transport.core;

/**
 * Time in which this end was able to listen. A pause of the thread (a long compute job on a shared thread, a stopped
 * virtual machine) counts as one step of at most {@code maxStepNs}: peers weren't silent, we were deaf. So a pause
 * doesn't make every peer look dead at once. Compare its values by difference only.
 */
public final class ObservedClock {
    private final long maxStepNs;
    private boolean started;
    private long lastNs;
    private long observedNs;

    public ObservedClock(final long maxStepNs) {
        this.maxStepNs = maxStepNs;
    }

    /** Advances to {@code nowNs} of the monotonic clock and answers the observed time. */
    public long advance(final long nowNs) {
        if (started) {
            observedNs += Math.clamp(nowNs - lastNs, 0, maxStepNs);
        }
        started = true;
        lastNs = nowNs;
        return observedNs;
    }

    /** Observed time of the last {@link #advance}. */
    public long nowNs() {
        return observedNs;
    }
}
