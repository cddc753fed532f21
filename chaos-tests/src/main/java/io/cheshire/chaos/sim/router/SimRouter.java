package io.cheshire.chaos.sim.router;

import io.cheshire.chaos.sim.FaultKind;
import io.cheshire.chaos.sim.PlantedBug;
import io.cheshire.chaos.sim.SimContext;
import io.cheshire.chaos.sim.control.Member;
import io.cheshire.chaos.sim.control.RouterControl;
import io.cheshire.chaos.sim.control.SimCoordinator;
import io.cheshire.chaos.sim.fault.FaultCounts;
import io.cheshire.chaos.sim.hardware.RouterCompute;
import io.cheshire.chaos.sim.hardware.ThreadTurns;
import io.cheshire.chaos.sim.link.SimLinks;
import io.cheshire.chaos.sim.parameters.RunParameters;
import io.cheshire.chaos.sim.world.SimProcess;
import io.cheshire.chaos.sim.world.World;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.exchange.ExchangeCounters;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineConfig;
import io.cheshire.settings.SettingReader;
import io.cheshire.transport.core.link.RouterEnd;
import io.cheshire.transport.core.link.RouterEndState;
import io.cheshire.transport.protocol.RouterIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A router process: the production engine on a simulated device and network, its control plane, and its clients. */
public final class SimRouter extends SimProcess implements Member, RouterControl.Usage {
    private static final int JOB_LIMIT = 16;
    private static final long LEAVE_CHECK_NS = 20 * World.MS;
    private static final long LEAVE_PATIENCE_NS = 1_000 * World.MS;

    private final SimContext context;
    private final RunParameters parameters;
    private final int routerId;
    private final SplittableRandom random;
    private final EngineConfig engineConfig;
    private final TransportConfig transportConfig;
    private final List<SimClient> clients = new ArrayList<>();
    private final SortedMap<String, Long> outcomes = new TreeMap<>();
    private @Nullable Life current;
    private long stepsBefore;
    private long rowsBefore;

    /** What one start of the process has. */
    private record Life(
            long incarnation,
            EngineAgent engine,
            SimLinks links,
            RouterEnd transport,
            LedgerTransport watched,
            ShardLedger ledger,
            RouterCompute kernel,
            DeviceExecutor device,
            ThreadTurns turns,
            RouterControl control) {}

    private boolean retired;
    private boolean leaving;

    public SimRouter(final SimContext context, final int routerId, final int host) {
        super(context.world(), "router-" + routerId, host);
        this.context = context;
        this.parameters = context.parameters();
        this.routerId = routerId;
        this.random = context.world().newRandom();
        this.engineConfig = SettingReader.read(parameters.config, EngineConfig::from);
        this.transportConfig = SettingReader.read(parameters.config, TransportConfig::from);
        for (int i = 0; i < parameters.shape.clientsPerRouter; i++) {
            clients.add(new SimClient(world, this, parameters, context.reference(), random.split(), i));
        }
    }

    /** Starts a new life. */
    public void start() {
        if (isUp() || retired) {
            return;
        }
        begin(random.nextLong());
        final long incarnation = random.nextLong();
        final RouterCompute kernel = context.hardware()
                .routerKernel(
                        context.model(),
                        new KvLayout(parameters.shape.kvBlocks, parameters.shape.kvBlockTokens),
                        this::violate,
                        context.bug() == PlantedBug.SWAP_GATE_WEIGHTS);
        final SimLinks links = new SimLinks(context, this, transportConfig, random.split());
        final RouterEnd transport = links.router(new RouterIdentity(
                routerId, incarnation, parameters.channelOf(host()), random.nextInt(1, Integer.MAX_VALUE)));
        final ShardLedger ledger = new ShardLedger(world, name(), context.coverage(), this::abandonedRows);
        final DeviceExecutor device = new DeviceExecutor(name(), JOB_LIMIT);
        final LedgerTransport watched =
                new LedgerTransport(transport, ledger, context, name(), links.wire(), random.split());
        final EngineAgent engine = new EngineAgent(
                engineConfig,
                context.model().config(),
                context.model().precision(),
                SimContext.FINGERPRINT.toHex(),
                kernel,
                new RopeTables(
                        context.model().config(),
                        engineConfig.contextTokens(context.model().config())),
                device,
                watched,
                null,
                clock());
        final RouterControl control = new RouterControl(context, this, routerId, incarnation, engine, this);
        current = new Life(
                incarnation, engine, links, transport, watched, ledger, kernel, device, turns(device), control);
        leaving = false;
        clients.forEach(SimClient::begin);
        wake(0);
    }

    private void violate(final String invariant, final String detail) {
        world.violate(invariant, name() + ": " + detail);
    }

    private long abandonedRows() {
        return current == null ? 0 : current.engine.exchangeCounters().rowsAbandoned();
    }

    private ThreadTurns turns(final DeviceExecutor device) {
        return new ThreadTurns(
                world,
                this,
                context.hardware(),
                new ThreadTurns.Device(() -> context.hardware().routerJobNs(this, device, random), device::doWork));
    }

    @Override
    protected void dutyCycle() {
        final Life life = alive();
        if (!life.turns.isFree()) {
            return;
        }
        final int work = life.engine.doWork();
        life.watched.check(life.engine.nodeHealth());
        life.turns.turned(work);
        wake(context.hardware().routerTurnNs(work, life.turns.idleNs()));
    }

    @Override
    protected long noticeNs() {
        return alive().turns.noticeNs();
    }

    @Override
    public void crash(final String why) {
        if (isUp()) {
            final Life life = alive();
            stepsBefore += life.engine.status().steps();
            rowsBefore += rows(life);
            life.links.count(life.transport.counters());
            life.links.wire().die();
            context.cluster().lifeEnded(this, life.incarnation);
            end(why);
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

    private Life alive() {
        final Life life = current;
        if (life == null) {
            throw new IllegalStateException(name() + " was never started");
        }
        return life;
    }

    @Override
    public SimProcess process() {
        return this;
    }

    @Override
    public long incarnation() {
        return alive().incarnation;
    }

    @Override
    public void tellGone(final SimCoordinator coordinator, final long incarnation) {
        coordinator.routerGone(routerId, incarnation);
    }

    @Override
    public long publishNs(final long epoch) {
        return context.hardware().publishNs(epoch);
    }

    @Override
    public void applied(final Placement placement) {
        alive().ledger.placement(placement);
    }

    @Override
    public boolean awaits(final int nodeId, final ExpertKey key) {
        return alive().ledger.awaits(nodeId, key);
    }

    /** Takes no further requests, and leaves once those that it has are finished, or after a while without that. */
    public void leave() {
        if (isUp() && !leaving) {
            leaving = true;
            world.note(name(), () -> "is to leave");
            leaveOnceIdle(world.nowNs() + LEAVE_PATIENCE_NS);
        }
    }

    private void leaveOnceIdle(final long untilNs) {
        if (isIdle() || world.nowNs() >= untilNs) {
            alive().control.leave();
        } else {
            later(LEAVE_CHECK_NS, () -> leaveOnceIdle(untilNs));
        }
    }

    /** Whether it takes no further requests. */
    boolean isLeaving() {
        return leaving;
    }

    @Override
    public void left(final String how) {
        crash(how);
        world.after(parameters.times.restartNs, this::start);
    }

    /** A request from outside the simulation's own clients; the router must be up. */
    public Engine.Admission submit(final GenerationRequest request, final GenerationListener listener) {
        final Engine.Admission admission = alive().engine.submit(request, listener);
        wake(0);
        return admission;
    }

    /** What its engine says of itself; the router must be up. */
    public Engine.EngineStatus status() {
        return alive().engine.status();
    }

    /** Rows by its books in this life: computed, and what became of answers; the router must be up. */
    public AnswerRows answerRows() {
        return alive().engine.answerRows();
    }

    /** Rows combined in this life by its exchange's count, all layers; the router must be up. */
    public long rowsCounted() {
        return alive().engine.rowsByLayer().stream().mapToLong(Long::longValue).sum();
    }

    Engine engine() {
        return alive().engine;
    }

    FaultCounts faults() {
        return context.faults();
    }

    /** Whether a request may fail for what a kernel call or a damaged frame did. */
    boolean mayFailToCompute() {
        return alive().kernel.poisonedRows() > 0
                || alive().engine.exchangeCounters().poisonedRows() > 0
                || parameters.faults.has(FaultKind.COMPUTE_FAILURE);
    }

    void hear(final String outcome) {
        outcomes.merge(outcome, 1L, Long::sum);
    }

    /** No further requests. */
    public void stopClients() {
        clients.forEach(SimClient::stop);
    }

    /** Requests that ended with all their tokens, in all lives. */
    public long finishedRequests() {
        return clients.stream().mapToLong(SimClient::finished).sum();
    }

    /** How requests ended, and how often. */
    public SortedMap<String, Long> outcomes() {
        return outcomes;
    }

    /** Whether every unit has a live node, as the router sees it. */
    @Override
    public boolean isReady() {
        return isUp() && alive().engine.status().ready();
    }

    /** Whether it is ready, and the control plane's word for that is that it serves. */
    public boolean isServing() {
        return isReady() && alive().control.state() == NodeState.SERVING;
    }

    /** Where it is in its life, for people. */
    public String describe() {
        return isUp() ? alive().control.describe() : name() + " is down";
    }

    /** Steps of all lives. */
    public long steps() {
        return stepsBefore + (isUp() ? alive().engine.status().steps() : 0);
    }

    /** Rows combined in all lives and layers. */
    public long rows() {
        return rowsBefore + (isUp() ? rows(alive()) : 0);
    }

    private static long rows(final Life life) {
        long sum = 0;
        for (final long rows : life.kernel.rowsCombined()) {
            sum += rows;
        }
        return sum;
    }

    /** Whether nobody waits for anything. */
    public boolean isIdle() {
        if (!isUp()) {
            return true;
        }
        final Engine.EngineStatus status = alive().engine.status();
        return clients.stream().noneMatch(SimClient::isWaiting) && status.running() == 0 && status.waiting() == 0;
    }

    /** What is not back where it belongs once nobody waits any more; empty when all is. */
    public List<String> leftovers() {
        final List<String> found = new ArrayList<>();
        if (!isUp()) {
            return found;
        }
        final Life life = alive();
        final Engine.EngineStatus status = life.engine.status();
        if (status.kvBlocksFree() != status.kvBlocksTotal()) {
            found.add(name() + " has " + status.kvBlocksFree() + " of " + status.kvBlocksTotal() + " KV blocks free");
        }
        for (final RouterEnd.LinkView link : life.transport.links()) {
            if (link.state() == RouterEndState.UP && link.availableRows() != link.windowRows()) {
                found.add(name() + ": node " + link.nodeId() + " grants " + link.availableRows() + " of "
                        + link.windowRows() + " rows");
            }
        }
        final ExchangeCounters.Snapshot counters = life.engine.exchangeCounters();
        final long[] combined = life.kernel.rowsCombined();
        for (int layer = 0; layer < combined.length; layer++) {
            if (counters.rowsComputed().get(layer) != combined[layer]) {
                found.add(name() + " counted " + counters.rowsComputed().get(layer) + " rows of layer " + layer
                        + " and combined " + combined[layer]);
            }
        }
        return found;
    }
}
