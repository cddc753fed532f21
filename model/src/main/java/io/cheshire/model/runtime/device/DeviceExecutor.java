package io.cheshire.model.runtime.device;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a device, as a duty cycle. All kernels of a device run here, since every thread that calls oneDNN
 * gets an OpenMP pool of its own (docs/architecture.md).
 *
 * <p>{@link #submit} is safe from any thread and never blocks; a full queue is an answer, not an exception. Jobs begin
 * in the order submitted. What a device computes beside its thread is under way after its begin, a bounded number of
 * jobs at once, and is asked each turn whether it is done; a job that mustn't overlap with others waits at the head of
 * the queue until nothing is under way. The executor owns no memory. On shared cores its duty cycle may run on the same
 * thread as the agents that feed it.
 */
public final class DeviceExecutor implements Agent {
    private final String name;
    private final ManyToOneConcurrentArrayQueue<DeviceJob> jobs;
    private final DeviceJob[] underWay;
    private final long burstNs;
    private final long watchNs;
    private final NanoClock clock;
    private int underWayCount;
    private long lastUnderWayNs;

    /**
     * One job in each duty cycle.
     *
     * @param name     for logs and thread names
     * @param jobLimit the most jobs waiting; past it {@link #submit} answers false and the owner tries again later
     */
    public DeviceExecutor(final String name, final int jobLimit) {
        this(name, jobLimit, 1, 0, 0, () -> 0); // no time passes, and no burst is that short
    }

    /**
     * Jobs back to back: between two of them the workers of the device stay awake, and its thread's caches keep what
     * jobs need rather than what sixteen nodes do.
     *
     * @param name         for logs and thread names
     * @param jobLimit     the most jobs waiting; past it {@link #submit} answers false and the owner tries again later
     * @param jobsInFlight the most jobs under way at once
     * @param burstNs      a duty cycle begins no job later than that after it began; 0: one job
     * @param watchNs      so long after the begin of a job that is under way, asking whether it is done is work: the
     *     thread doesn't rest, since a rest lasts as long as many a job
     */
    public DeviceExecutor(
            final String name,
            final int jobLimit,
            final int jobsInFlight,
            final long burstNs,
            final long watchNs,
            final NanoClock clock) {
        this.name = name;
        this.jobs = new ManyToOneConcurrentArrayQueue<>(jobLimit);
        this.underWay = new DeviceJob[jobsInFlight];
        this.burstNs = burstNs;
        this.watchNs = watchNs;
        this.clock = clock;
    }

    /** Queues a job; false when the queue is full. The queue publishes the caller's writes to the device thread. */
    public boolean submit(final DeviceJob job) {
        return jobs.offer(job);
    }

    /** How long the next job would take; -1 when none waits. The device's thread. */
    public long nextNs(final JobTimes times) {
        final DeviceJob next = jobs.peek();
        return next == null ? -1 : next.expectedNs(times);
    }

    /** Jobs under way. The device's thread. */
    public int inFlight() {
        return underWayCount;
    }

    /**
     * Ends what is done and begins one job, or those of a burst, and no more, so that a shared thread gets back to its
     * other agents. Jobs that have been under way for a while are no work: how their end is waited for is the
     * thread's affair.
     */
    @Override
    public int doWork() {
        int count = endDone();
        DeviceJob job = next();
        if (job == null) {
            return count > 0 || !isWatching() ? count : 1;
        }
        final long startNs = clock.nanoTime();
        while (job != null) {
            begin(job);
            count += 1 + endDone();
            job = clock.nanoTime() - startNs < burstNs ? next() : null;
        }
        return count;
    }

    private boolean isWatching() {
        return underWayCount > 0 && clock.nanoTime() - lastUnderWayNs < watchNs;
    }

    /** The job that may begin now. */
    private @Nullable DeviceJob next() {
        if (underWayCount == 0) {
            return jobs.poll();
        }
        if (underWayCount == underWay.length) {
            return null;
        }
        final DeviceJob next = jobs.peek();
        return next != null && next.overlaps() ? jobs.poll() : null;
    }

    private void begin(final DeviceJob job) {
        try {
            if (!job.begin()) {
                underWay[underWayCount] = job;
                underWayCount++;
                lastUnderWayNs = clock.nanoTime();
            }
        } catch (final RuntimeException | Error cause) {
            fail(job, cause);
        }
    }

    /** They needn't end in the order of their begins. */
    private int endDone() {
        final int before = underWayCount;
        for (int i = 0; i < underWayCount; i++) {
            final DeviceJob job = underWay[i];
            boolean over = true;
            Throwable failure = null;
            try {
                over = job.poll();
            } catch (final RuntimeException | Error cause) {
                failure = cause;
            }
            if (over) {
                underWayCount--;
                System.arraycopy(underWay, i + 1, underWay, i, underWayCount - i);
                i--;
            }
            if (failure != null) {
                fail(job, failure);
            }
        }
        return before - underWayCount;
    }

    private static void fail(final DeviceJob job, final Throwable cause) {
        job.failed(cause);
        if (cause instanceof VirtualMachineError fatal) {
            throw fatal;
        }
    }

    @Override
    public String roleName() {
        return name;
    }
}
