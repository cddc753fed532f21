package io.cheshire.model.runtime.device;

import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

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

    /**
     * @param name     for logs and thread names
     * @param jobLimit the most jobs waiting; past it {@link #submit} answers false and the owner tries again later
     */
    public DeviceExecutor(final String name, final int jobLimit) {
        this.name = name;
        this.jobs = new ManyToOneConcurrentArrayQueue<>(jobLimit);
    }

    /** Queues a job; false when the queue is full. The queue publishes the caller's writes to the device thread. */
    public boolean submit(final DeviceJob job) {
        return jobs.offer(job);
    }

    /** Runs at most one job, so that a shared thread gets back to its other agents. */
    @Override
    public int doWork() {
        final DeviceJob job = jobs.poll();
        if (job == null) {
            return 0;
        }
        try {
            job.run();
        } catch (final RuntimeException | Error cause) {
            job.failed(cause);
            if (cause instanceof VirtualMachineError fatal) {
                throw fatal;
            }
        }
        return 1;
    }

    @Override
    public String roleName() {
        return name;
    }
}
