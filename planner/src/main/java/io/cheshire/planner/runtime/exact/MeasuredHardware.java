package io.cheshire.planner.runtime.exact;

import io.cheshire.chaos.sim.hardware.Hardware;
import io.cheshire.chaos.sim.hardware.RouterCompute;
import io.cheshire.chaos.sim.model.SimModel;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.StepBatch;
import io.cheshire.model.protocol.calibration.Calibration.Quantiles;
import io.cheshire.model.protocol.calibration.Calibration.Spread;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.model.runtime.device.JobTimes;
import io.cheshire.planner.core.events.Chance;
import io.cheshire.planner.core.events.Chance.Purpose;
import io.cheshire.planner.core.events.DrawnDelay;
import io.cheshire.planner.core.routing.RowRouting;
import io.cheshire.planner.core.times.StepTimes;
import io.cheshire.planner.protocol.run.CellPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** As fast as a calibration says. Before the cluster is formed, loading takes no time: that isn't what is asked. */
final class MeasuredHardware implements Hardware {
    /** Elements of a simulated row: as few as frames are made for. */
    static final int HIDDEN = 4;
    /** From one turn of an agent to the next while there is something to do. */
    private static final long BUSY_TURN_NS = 1_000;
    /** Otherwise: deadlines of hedges and heartbeats are some thirty times as long. */
    private static final long IDLE_TURN_NS = 1_000_000;

    /** {@code cheshire.device.burst}. */
    private static final long BURST_NS = 5_000_000;

    private final StepTimes times;
    private final JobTimes jobs;
    private final RowRouting routing;
    private final SplittableRandom random;
    private final SimModel model;
    private final int routerThreads;
    private final int nodeThreads;
    private final HostCores[] cores;
    private final long[] engineFreeNs;
    private final boolean shared;
    private final boolean dozing;
    private final @Nullable DrawnDelay publishing;
    private final SplittableRandom delays;
    private final @Nullable RunBook book;
    private @Nullable World world;
    private long beganNs;
    private long epoch = -1;
    private long publishNs;
    private boolean formed;

    MeasuredHardware(
            final CellPlan plan,
            final StepTimes times,
            final RowRouting routing,
            final long seed,
            final ExactWatch watch) {
        if (routing.layers() != times.shape().layerCount()
                || routing.experts() != times.shape().expertCount()) {
            throw new IllegalArgumentException(
                    "routing (" + routing.source() + ") is of " + routing.layers() + " layers of " + routing.experts()
                            + " experts, the calibration of " + times.shape().layerCount() + " of "
                            + times.shape().expertCount() + ": take one of the same model");
        }
        this.times = times;
        this.routing = routing;
        this.jobs = new Jobs(times);
        this.random = Chance.of(seed, Purpose.ROUTING, 0);
        this.model = SimModel.timed(
                times.shape().layerCount(),
                times.shape().expertCount(),
                HIDDEN,
                Math.toIntExact(Math.min(Integer.MAX_VALUE / 2, plan.limits().kvTokens())));
        this.routerThreads = times.router().origin().threads();
        this.nodeThreads = times.node().origin().threads();
        this.dozing = plan.hosts().threads() == CellPlan.Threads.DOZING;
        final Quantiles publish = times.router().spreads().get(Spread.PUBLISH);
        this.publishing = !watch.pauses() || times.router().origin().assumed() || publish == null
                ? null
                : new DrawnDelay(publish);
        this.book = watch.book();
        this.delays = Chance.of(seed, Purpose.DELAYS, 0);
        this.shared = plan.hosts().cores() > 0;
        final int processes = plan.size().nodes() + plan.size().routers();
        this.engineFreeNs = new long[processes];
        this.cores = new HostCores[processes];
        final HostCores one = new HostCores(Math.max(1, plan.hosts().cores()));
        for (int i = 0; i < processes; i++) {
            cores[i] = shared ? one : new HostCores(1);
        }
    }

    /** The calibration's durations, as a device asks for them. */
    private record Jobs(StepTimes times) implements JobTimes {
        /** What a step costs beside its kernels is part of its first layer. */
        @Override
        public long attentionNs(final int layer, final StepBatch batch) {
            return Math.round(times.layerNs(batch) + (layer == 0 ? times.overheadNs(batch.sequenceCount) : 0));
        }

        @Override
        public long logitsNs(final StepBatch batch) {
            return Math.round(times.logitsNs(batch.logitsRowCount));
        }

        @Override
        public long expertNs(final int rowCount) {
            return Math.round(times.expertNs(rowCount));
        }
    }

    @Override
    public SimModel model() {
        return model;
    }

    @Override
    public void begin(final World begun) {
        world = begun;
        beganNs = begun.nowNs();
        formed = true;
    }

    /** Drawn once for each epoch; before the cluster is formed it takes no time. */
    @Override
    public long publishNs(final long published) {
        final DrawnDelay delay = publishing;
        if (!formed || delay == null) {
            return 0;
        }
        if (published != epoch) {
            epoch = published;
            publishNs = delay.drawNs(delays);
        }
        return publishNs;
    }

    @Override
    public RouterCompute routerKernel(
            final SimModel ignored,
            final KvLayout layout,
            final BiConsumer<String, String> violate,
            final boolean swapped) {
        return new TimedRouterKernel(routing, layout, random.split(), book);
    }

    @Override
    public long routerJobNs(final SimProcess router, final DeviceExecutor device, final SplittableRandom unused) {
        return jobNs(router, device, routerThreads, 1);
    }

    @Override
    public long nodeJobNs(
            final SimProcess node, final DeviceExecutor device, final int slowdown, final SplittableRandom unused) {
        return jobNs(node, device, nodeThreads, slowdown);
    }

    private long jobNs(final SimProcess process, final DeviceExecutor device, final int threads, final int slowdown) {
        final long ns = device.nextNs(jobs);
        final World at = world;
        if (ns < 0 || at == null) {
            return ns < 0 ? NO_JOB : 0;
        }
        // A device of its own is as wide as it was measured: its jobs come one after the other as it is.
        final long nowNs = at.nowNs();
        final long endNs = cores[process.host()].reserve(nowNs, shared ? threads : 1, ns * slowdown);
        if (book != null) {
            book.worked(process.host(), endNs - ns * slowdown - beganNs, endNs - beganNs);
        }
        return endNs - nowNs;
    }

    /** The router's engine at a host: a thread of its own, or one more that wants the host's cores. */
    long reserveEngine(final int host, final long nowNs, final long durationNs) {
        if (shared) {
            return cores[host].reserve(nowNs, 1, durationNs);
        }
        engineFreeNs[host] = Math.max(engineFreeNs[host], nowNs) + durationNs;
        return engineFreeNs[host];
    }

    @Override
    public long loadNs(final int slowdown, final boolean cold, final SplittableRandom unused) {
        return formed ? Math.round(times.loadNs(cold)) * slowdown : 1;
    }

    @Override
    public long routerTurnNs(final int work, final long idleNs) {
        if (work > 0) {
            return BUSY_TURN_NS;
        }
        return dozing ? Dozing.lookWithinNs(idleNs, IDLE_TURN_NS) : IDLE_TURN_NS;
    }

    @Override
    public long nodeTurnNs(final int work, final long idleNs) {
        return routerTurnNs(work, idleNs);
    }

    @Override
    public long noticeNs(final long idleNs) {
        return dozing ? Dozing.untilNextLookNs(idleNs) : 0;
    }

    @Override
    public long burstNs() {
        return dozing ? BURST_NS : -1;
    }

    /** Bytes of a simulated row on its way to a node. */
    static int simulatedRowBytes() {
        return HIDDEN * Short.BYTES;
    }

    List<String> assumptions() {
        final List<String> all = new ArrayList<>();
        if (routing.assumed()) {
            all.add("routing is assumed: " + routing.source());
        }
        return all;
    }
}
