package io.cheshire.chaos.sim.hardware;

import io.cheshire.chaos.sim.model.SimModel;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.runtime.device.DeviceExecutor;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/**
 * What the processes of a run compute on. {@link ToyHardware} draws times as no machine has them and computes real
 * numbers; the planner's is as fast as a calibration says and computes none.
 */
public interface Hardware {
    /** The device has nothing to do. */
    long NO_JOB = -1;

    /** What is computed; asked once, where it isn't drawn from the seed. */
    SimModel model();

    /** The cluster is formed: times count from here on. */
    void begin(World world);

    /**
     * A router's kernels, for one life of its process.
     *
     * @param violate called with a promise and what happened instead
     * @param swapped plants a bug: the weights of a row's experts change places
     */
    RouterCompute routerKernel(SimModel model, KvLayout layout, BiConsumer<String, String> violate, boolean swapped);

    /** From now until the device of a router has done its next job, or {@link #NO_JOB}. */
    long routerJobNs(SimProcess router, DeviceExecutor device, SplittableRandom random);

    /** The same of a node that is so many times slower than it should be. */
    long nodeJobNs(SimProcess node, DeviceExecutor device, int slowdown, SplittableRandom random);

    /** How long a node reads one unit. */
    long loadNs(int slowdown, boolean cold, SplittableRandom random);

    /** From the decision for an epoch until routers have it, beyond what every message takes; the same for all. */
    default long publishNs(final long epoch) {
        return 0;
    }

    /**
     * From one turn of a router's agent, which did so much, until the next, should nothing wake it.
     *
     * @param idleNs how long it had nothing to do
     */
    long routerTurnNs(int work, long idleNs);

    /** The same of a node's. */
    long nodeTurnNs(int work, long idleNs);

    /** From now until a thread that has had nothing to do for so long sees what arrives now. */
    long noticeNs(long idleNs);

    /**
     * How long a device goes on with jobs that wait before its thread gets back to the process's agents; less than 0:
     * it has a thread of its own.
     */
    long burstNs();
}
