package io.cheshire.chaos.sim.hardware;

import io.cheshire.chaos.sim.model.SimModel;
import io.cheshire.chaos.sim.model.SimRouterKernel;
import io.cheshire.chaos.sim.parameters.SimTimes;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.runtime.device.DeviceExecutor;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;

/** Times drawn around those of the seed, whatever the work, so that everything overtakes everything. */
public final class ToyHardware implements Hardware {
    private static final int COLD = 8;

    private final SimTimes times;

    public ToyHardware(final SimTimes times) {
        this.times = times;
    }

    @Override
    public SimModel model() {
        throw new UnsupportedOperationException("the model of a toy is drawn from the seed");
    }

    @Override
    public void begin(final World world) {}

    @Override
    public RouterCompute routerKernel(
            final SimModel model,
            final KvLayout layout,
            final BiConsumer<String, String> violate,
            final boolean swapped) {
        final SimRouterKernel kernel = new SimRouterKernel(model, layout, violate);
        if (swapped) {
            kernel.swapWeights();
        }
        return kernel;
    }

    /** Armed whether there is a job or not: what comes in the meantime is done then, too. */
    @Override
    public long routerJobNs(final SimProcess router, final DeviceExecutor device, final SplittableRandom random) {
        return around(times.attentionNs, random);
    }

    @Override
    public long nodeJobNs(
            final SimProcess node, final DeviceExecutor device, final int slowdown, final SplittableRandom random) {
        return around(times.computeNs * slowdown, random);
    }

    @Override
    public long loadNs(final int slowdown, final boolean cold, final SplittableRandom random) {
        return around(times.loadNs * slowdown * (cold ? COLD : 1), random);
    }

    @Override
    public long routerTurnNs(final int work, final long idleNs) {
        return times.dutyNs;
    }

    @Override
    public long nodeTurnNs(final int work, final long idleNs) {
        return 2 * times.dutyNs;
    }

    @Override
    public long noticeNs(final long idleNs) {
        return 0;
    }

    @Override
    public long burstNs() {
        return -1;
    }

    private static long around(final long ns, final SplittableRandom random) {
        return ns / 2 + random.nextLong(ns + 1);
    }
}
