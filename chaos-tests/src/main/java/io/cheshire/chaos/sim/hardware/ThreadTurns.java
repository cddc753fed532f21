package io.cheshire.chaos.sim.hardware;

import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import java.util.function.LongSupplier;

/**
 * How the thread of a process goes about its work, in one life: turns of its agent, jobs of its device, and when it
 * sees what has arrived. Where hardware says that the device has no thread of its own, there is no turn while a job
 * runs, and jobs that wait follow each other for a while before there is one.
 */
public final class ThreadTurns {
    private final World world;
    private final SimProcess process;
    private final Hardware hardware;
    private final Device device;
    private boolean armed;
    private long burstBeganNs;
    private long workedNs;

    /**
     * The device of the process.
     *
     * @param nextNs from now until it has done its next job, or {@link Hardware#NO_JOB}
     * @param work   does it; answers how many were done
     */
    public record Device(LongSupplier nextNs, LongSupplier work) {}

    public ThreadTurns(final World world, final SimProcess process, final Hardware hardware, final Device device) {
        this.world = world;
        this.process = process;
        this.hardware = hardware;
        this.device = device;
        this.workedNs = world.nowNs();
    }

    /** Whether the thread is free for a turn; the end of the device's work asks for one else. */
    public boolean isFree() {
        return !armed || hardware.burstNs() < 0;
    }

    /** A turn did so much. */
    public void turned(final int work) {
        workedNs = work > 0 ? world.nowNs() : workedNs;
        if (!armed) {
            burstBeganNs = world.nowNs();
            arm();
        }
    }

    /** How long there was nothing to do. */
    public long idleNs() {
        return world.nowNs() - workedNs;
    }

    /** From now until what arrives now is seen. */
    public long noticeNs() {
        return hardware.noticeNs(idleNs());
    }

    private void arm() {
        final long jobNs = device.nextNs.getAsLong();
        if (jobNs != Hardware.NO_JOB) {
            armed = true;
            process.later(jobNs, this::runDevice);
        }
    }

    private void runDevice() {
        armed = false;
        if (device.work.getAsLong() > 0) {
            workedNs = world.nowNs();
            if (world.nowNs() - burstBeganNs < hardware.burstNs()) {
                arm();
            }
            if (!armed) {
                process.wake(0);
            }
        }
    }
}
