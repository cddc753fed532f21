package io.cheshire.chaos.sim.node;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.control.Member;
import io.cheshire.chaos.sim.control.NodeControl;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.hardware.ThreadTurns;
import io.cheshire.chaos.sim.link.SimLinks;
import io.cheshire.chaos.sim.model.SimKernels;
import io.cheshire.chaos.sim.net.SimDataPlane;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.expertnode.runtime.ExpertNode;
import io.cheshire.expertnode.runtime.ExpertNodeConfig;
import io.cheshire.model.core.kernel.UnitWeights;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.link.NodeEnd;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** An expert node process: the production node on a simulated device, disk and network, and its control plane. */
public final class SimNode extends SimProcess implements Member {
    private static final int JOB_LIMIT = 64;

    private final SimContext context;
    private final RunParameters parameters;
    private final int nodeId;
    private final SplittableRandom random;
    private final ExpertNodeConfig nodeConfig;
    private final TransportConfig transportConfig;
    private @Nullable Life current;
    private boolean cold;
    private boolean lacksMemory;
    private int computeSlowdown = 1;
    private int loadSlowdown = 1;
    private boolean loadsFail;
    private boolean readsOtherBytes;
    private double computeFailures;
    private boolean retired;
    private boolean lifeLacksMemory;
    private int lifeWithoutDevice = -1;
    private String rack;

    /** What one start of the process has. */
    private record Life(
            NodeEndpoint endpoint,
            ExpertNode node,
            SimLinks links,
            NodeEnd transport,
            DeviceExecutor device,
            ThreadTurns turns,
            NodeControl control) {}

    public SimNode(final SimContext context, final int nodeId, final int host) {
        super(context.world(), "node-" + nodeId, host);
        this.context = context;
        this.parameters = context.parameters();
        this.nodeId = nodeId;
        this.rack = parameters.shape.racks.of(nodeId);
        this.random = context.world().newRandom();
        this.nodeConfig = SettingReader.read(parameters.config, ExpertNodeConfig::from);
        this.transportConfig = SettingReader.read(parameters.config, TransportConfig::from);
    }

    public int nodeId() {
        return nodeId;
    }

    /** What it shares with nodes that fail together with it; empty: nothing. */
    public String rack() {
        return rack;
    }

    /** While it is down. */
    public void moveToRack(final String to) {
        rack = to;
    }

    /** Starts a new life. */
    public void start() {
        if (isUp() || retired) {
            return;
        }
        begin(random.nextLong());
        lifeLacksMemory = lacksMemory;
        final SimKernels kernels = new SimKernels(context.model(), this::beforeCall);
        if (context.bug() == PlantedBug.WRONG_WEIGHTS) {
            kernels.computeTheNeighbour();
        }
        final long limitBytes = kernels.unitBytes() * parameters.shape.unitsOfMemory;
        final NodeEndpoint endpoint = newEndpoint();
        final SimLinks links = new SimLinks(context, this, transportConfig, random.split());
        final NodeEnd transport = links.node(endpoint);
        final DeviceExecutor device = new DeviceExecutor(name(), JOB_LIMIT);
        final ExpertNode node = new ExpertNode(
                endpoint,
                links.wire().watched(transport),
                context.model().config(),
                context.model().precision(),
                kernels,
                device,
                this::read,
                read -> later(context.hardware().loadNs(loadSlowdown, cold, random), () -> {
                    read.run();
                    wake(0);
                }),
                withMemory(lacksMemory ? Math.max(1, limitBytes / 2) : limitBytes),
                transportConfig,
                clock());
        final NodeControl control =
                new NodeControl(context, this, node, limitBytes, kernels.unitBytes(), rack, this::left);
        current = new Life(endpoint, node, links, transport, device, turns(device), control);
        wake(0);
    }

    private NodeEndpoint newEndpoint() {
        final NodeEndpoint endpoint = new NodeEndpoint(
                nodeId, random.nextLong(), parameters.channelOf(host()), random.nextInt(1, Integer.MAX_VALUE));
        return transportConfig.links().lifelines() ? endpoint.withLifeline(SimDataPlane.addressOf(host())) : endpoint;
    }

    /** This life, as routers know it. */
    public NodeEndpoint endpoint() {
        return alive().endpoint;
    }

    private ExpertNodeConfig withMemory(final long limitBytes) {
        return new ExpertNodeConfig(
                nodeConfig.maxBatchRows(),
                nodeConfig.computeSlots(),
                nodeConfig.maxUnsentBytes(),
                limitBytes,
                nodeConfig.recentShards(),
                nodeConfig.maxCommands(),
                nodeConfig.warmUpNs(),
                nodeConfig.probeWaitNs());
    }

    private void beforeCall() {
        if (hasLostDevice()) {
            throw new DeviceLostException("told to lose it");
        }
        if (computeFailures > 0 && random.nextDouble() < computeFailures) {
            context.faults().count(FaultKind.COMPUTE_FAILURE);
            throw new IllegalStateException("told to fail");
        }
    }

    private boolean hasLostDevice() {
        return lifeWithoutDevice == life();
    }

    private UnitWeights read(final ExpertKey key) {
        if (loadsFail) {
            throw new IllegalStateException("told to fail");
        }
        // Of what nobody has read before, any bytes are the right ones.
        if (readsOtherBytes && alive().control.knowsWhatMustBe(key)) {
            return SimKernels.otherWeights(key);
        }
        return SimKernels.weights(key);
    }

    private ThreadTurns turns(final DeviceExecutor device) {
        return new ThreadTurns(
                world,
                this,
                context.hardware(),
                new ThreadTurns.Device(
                        () -> context.hardware().nodeJobNs(this, device, computeSlowdown, random), device::doWork));
    }

    @Override
    protected void dutyCycle() {
        final Life life = alive();
        if (!life.turns.isFree()) {
            return;
        }
        final int work = life.node.doWork();
        life.turns.turned(work);
        wake(context.hardware().nodeTurnNs(work, life.turns.idleNs()));
    }

    @Override
    protected long noticeNs() {
        return alive().turns.noticeNs();
    }

    private void left(final String how) {
        world.note(name(), () -> how);
        stop(how, false);
        world.after(parameters.times.restartNs, this::start);
    }

    @Override
    public void crash(final String why) {
        if (isUp()) {
            stop(why, true);
        }
    }

    private void stop(final String why, final boolean killed) {
        final Life life = alive();
        context.cluster().lifeEnded(this, life.endpoint.incarnation());
        if (killed) {
            life.links.wire().die();
            context.plane().lifelines().die(life.endpoint.incarnation());
        }
        life.links.count(life.transport.counters());
        end(why);
        life.node.onClose();
        int work = 1;
        while (work > 0) { // frees what the life held; nobody sees it
            work = life.device.doWork();
        }
    }

    @Override
    public void removed() {
        crash("removed from the cluster");
        world.after(parameters.times.restartNs, this::start);
    }

    /** Dies for good. */
    public void retire() {
        retired = true;
        crash("for good");
    }

    /** From now on nothing can be computed in this life, which ends after a moment; false where there is none. */
    public boolean loseDevice(final long refusingNs) {
        if (!isUp() || hasLostDevice()) {
            return false;
        }
        lifeWithoutDevice = life();
        later(refusingNs, () -> left("its GPU is lost"));
        return true;
    }

    /** Asks to leave in order. */
    public void leave() {
        if (isUp()) {
            alive().control.leave();
        }
    }

    /** Later lives read units from afar, or from a disk that knows them. */
    public void setCold(final boolean isCold) {
        cold = isCold;
    }

    /** Later lives have half the memory that they say. */
    public void setLacksMemory(final boolean lacks) {
        lacksMemory = lacks;
    }

    public void setComputeSlowdown(final int factor) {
        computeSlowdown = factor;
    }

    public void setLoadSlowdown(final int factor) {
        loadSlowdown = factor;
    }

    public void setLoadsFail(final boolean fail) {
        loadsFail = fail;
    }

    /** What it loads from now on isn't what others have loaded. */
    public void setReadsOtherBytes(final boolean reads) {
        readsOtherBytes = reads;
    }

    public void setComputeFailures(final double fraction) {
        computeFailures = fraction;
    }

    private Life alive() {
        final Life life = current;
        if (life == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return life;
    }

    /** Whether this life has less memory than it says. */
    public boolean livesWithoutMemory() {
        return isUp() && lifeLacksMemory;
    }

    /** What it does, for people. */
    public String describe() {
        return isUp() ? alive().control.describe() : name() + " is down";
    }

    /** Rows held for routers. */
    public int heldRows() {
        return isUp() ? alive().transport.heldRows() : 0;
    }

    /** Rows that this life has served, all units. */
    public long rowsServed() {
        return isUp()
                ? alive().node.loads().stream().mapToLong(UnitLoad::rowsServed).sum()
                : 0;
    }

    /** Refusals that wait for room. */
    public int owedNacks() {
        return isUp() ? alive().links.wire().owedNacks() : 0;
    }

    @Override
    public SimProcess process() {
        return this;
    }

    @Override
    public long incarnation() {
        return alive().endpoint.incarnation();
    }

    @Override
    public void tellGone(final SimCoordinator coordinator, final long incarnation) {
        coordinator.nodeGone(nodeId, incarnation);
    }
}
