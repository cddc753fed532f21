package io.cheshire.model.runtime.device;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.NanoClock;

/**
 * The one thread of a device, as a duty cycle. All kernels of a device run here, since every thread that calls oneDNN
 * gets an OpenMP pool of its own (docs/architecture.md).
 *
 * <p>{@link #submit} is safe from any thread and never blocks; a full queue is an answer, not an exception. Jobs run in
 * the order submitted. The executor owns no memory. On shared cores its duty cycle may run on the same thread as the
 * agents that feed it.
 */
public final class DeviceExecutor implements Agent {
    private final String name;
    private final ManyToOneConcurrentArrayQueue<DeviceJob> jobs;
    private final long burstNs;
    private final NanoClock clock;

    /**
     * One job in each duty cycle.
     *
     * @param name     for logs and thread names
     * @param jobLimit the most jobs waiting; past it {@link #submit} answers false and the owner tries again later
     */
    public DeviceExecutor(final String name, final int jobLimit) {
        this(name, jobLimit, 0, () -> 0); // no time passes, and no burst is that short
    }

    /**
     * Jobs back to back: between two of them the workers of the device stay awake, and its thread's caches keep what
     * jobs need rather than what sixteen nodes do.
     *
     * @param name     for logs and thread names
     * @param jobLimit the most jobs waiting; past it {@link #submit} answers false and the owner tries again later
     * @param burstNs  a duty cycle begins no job later than that after it began; 0: one job
     */
    public DeviceExecutor(final String name, final int jobLimit, final long burstNs, final NanoClock clock) {
        this.name = name;
        this.jobs = new ManyToOneConcurrentArrayQueue<>(jobLimit);
        this.burstNs = burstNs;
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

    /** Runs one job, or those of a burst, and no more, so that a shared thread gets back to its other agents. */
    @Override
    public int doWork() {
        DeviceJob job = jobs.poll();
        if (job == null) {
            return 0;
        }
        final long startNs = clock.nanoTime();
        int count = 0;
        while (job != null) {
            run(job);
            count++;
            job = clock.nanoTime() - startNs < burstNs ? jobs.poll() : null;
        }
        return count;
    }

    private static void run(final DeviceJob job) {
        try {
            job.run();
        } catch (final RuntimeException | Error cause) {
            job.failed(cause);
            if (cause instanceof VirtualMachineError fatal) {
                throw fatal;
            }
        }
    }

    @Override
    public String roleName() {
        return name;
    }
}
