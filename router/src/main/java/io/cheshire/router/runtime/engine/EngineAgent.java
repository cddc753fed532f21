package io.cheshire.router.runtime.engine;

import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.UnitTraffic;
import io.cheshire.model.core.RopeTables;
import io.cheshire.model.core.kernel.KvLayout;
import io.cheshire.model.core.kernel.LaneBuffers;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.router.core.Engine;
import io.cheshire.router.core.GenerationListener;
import io.cheshire.router.core.GenerationListener.GenerationError;
import io.cheshire.router.core.GenerationRequest;
import io.cheshire.router.core.PlacementTarget;
import io.cheshire.router.core.exchange.Exchange;
import io.cheshire.router.core.exchange.ExchangeCounters;
import io.cheshire.router.core.exchange.NodeHealth;
import io.cheshire.router.core.exchange.ShardSender;
import io.cheshire.router.core.exchange.Stragglers;
import io.cheshire.router.core.kv.BlockHasher;
import io.cheshire.router.core.kv.KvBlocks;
import io.cheshire.router.core.routing.RoutingSink;
import io.cheshire.router.core.routing.UnitTrafficCounters;
import io.cheshire.router.core.sample.Sampler;
import io.cheshire.router.core.schedule.Drafts;
import io.cheshire.router.core.schedule.Scheduler;
import io.cheshire.router.core.schedule.SchedulerLimits;
import io.cheshire.router.core.schedule.Sequence;
import io.cheshire.router.core.schedule.StepPlan;
import io.cheshire.router.core.speculate.StepCost;
import io.cheshire.router.runtime.engine.EngineMetrics.Counter;
import io.cheshire.router.runtime.engine.Sequences.Failure;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.core.ObservedClock;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.protocol.SendOutcome;
import io.cheshire.transport.protocol.Shard;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * The engine of a router: one duty cycle that feeds the device, the transport and the listeners, and never waits for
 * any of them, so that it may share its thread with the device executor and with node agents.
 *
 * <p>{@link Engine} and {@link PlacementTarget} are safe from any thread: what they ask for waits in bounded queues
 * ({@link Admissions}, {@link PlacementInbox}) for the thread that runs {@link #doWork}, and what they read is in
 * {@link EngineFigures}. The agent owns its lanes' buffers and closes the transport; kernels and device belong to
 * whoever made them and must outlive it. Damage: a failed device job fails the requests of one step; numbers that
 * aren't finite fail one request; everything else is a defect that the agent's runner reports.
 */
public final class EngineAgent implements Agent, Engine, PlacementTarget {
    /** A pause of this thread counts for so small a part of the shortest deadline: nodes weren't late, we were away. */
    private static final int OBSERVED_STEPS = 4;

    private static final Failure SHUTDOWN = new Failure(GenerationError.SHUTDOWN, "the server is shutting down");
    private static final Failure DEADLINE =
            new Failure(GenerationError.DEADLINE, "the request did not finish before its deadline");

    private final EngineConfig config;
    private final ModelConfig model;
    private final RopeTables ropeTables;
    private final ExpertTransport transport;
    private final NanoClock clock;
    private final KvLayout kvLayout;
    private final int contextTokens;

    private final Scheduler scheduler;
    private final Exchange exchange;
    private final UnitTrafficCounters units;
    private final Sequences sequences;
    private final NodeLinks links;
    private final PlacementInbox placements;
    private final Admissions admissions;
    private final EngineFigures figures;
    private final List<Lane> lanes = new ArrayList<>();
    private final EngineMetrics metrics = new EngineMetrics();
    private final MaskThread masks = new MaskThread();
    private final ExpertTransport.Listener transportListener;
    private final Function<Sequence, Failure> whyOverdue = this::whyOverdue;

    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile Runnable waker = () -> {};
    private volatile boolean cancelRequested;
    private volatile boolean draining;
    private volatile boolean closed;

    private final ObservedClock observed;
    private long nowNs;
    private long nextArrival;
    private long drainDeadlineNs;

    /**
     * @param modelFingerprint part of the prefix cache's keys
     * @param router           loaded with {@code config.kvLayout(...)} and room for {@code config.maxRowsPerStep()}
     *                         rows
     * @param ropeTables       made for {@code config.contextTokens(model)}; both tables are built here, not under load
     * @param device           runs {@code router}
     * @param transport        closed by {@link #onClose}
     * @param validTokenIds    ids that have a token, or null when all have
     * @param clock            {@link System#nanoTime()} outside tests
     */
    public EngineAgent(
            final EngineConfig config,
            final ModelConfig model,
            final Precision precision,
            final String modelFingerprint,
            final RouterKernel router,
            final RopeTables ropeTables,
            final DeviceExecutor device,
            final ExpertTransport transport,
            final @Nullable BitSet validTokenIds,
            final NanoClock clock) {
        this.config = config;
        this.model = model;
        this.ropeTables = ropeTables;
        this.transport = transport;
        this.clock = clock;
        kvLayout = router.kvLayout();
        contextTokens = Math.toIntExact(
                Math.min(config.contextTokens(model), (long) kvLayout.blockCount() * kvLayout.tokensPerBlock()));
        ropeTables.forSequence(1);
        ropeTables.forSequence(contextTokens);

        final KvBlocks kv = new KvBlocks(kvLayout.blockCount());
        final SchedulerLimits limits = config.schedulerLimits(kvLayout, model);
        final Drafts drafts = limits.maxDraftRows() == 0
                ? null
                : new Drafts(
                        config.speculation(),
                        config.jumpForward(),
                        StepCost.of(model, precision, router.weightBytes()),
                        model.layerCount());
        scheduler = new Scheduler(limits, kv, new BlockHasher(modelFingerprint, kvLayout.tokensPerBlock()), drafts);
        final List<LaneBuffers> buffers = laneBuffers(limits, precision);
        final List<MemorySegment> results = buffers.stream().map(b -> b.results).toList();
        exchange = new Exchange(
                model, results, config.maxRowsPerStep(), config.maxShardRows(), config.failover(), config.split());
        units = new UnitTrafficCounters(model.layerCount(), model.expertCount());
        sequences = new Sequences(scheduler, metrics);
        links = new NodeLinks(transport, exchange, config.reconnectNs());
        placements = new PlacementInbox(model, exchange, links);
        nowNs = clock.nanoTime();
        admissions = new Admissions(config.queueLimit(), contextTokens, model, () -> cancelRequested = true, nowNs);
        figures = new EngineFigures(scheduler, kv, exchange, metrics, config.lanes(), nowNs);
        observed = new ObservedClock(config.failover().hedge().floorNs() / OBSERVED_STEPS);
        transportListener = new TransportEvents(exchange, links, observed);

        final Sampler sampler = new Sampler(model.headWidth(), model.scoreHead() == null ? validTokenIds : null);
        final Lane.Shared shared = new Lane.Shared(
                device,
                scheduler,
                exchange,
                new Sender(),
                new StepOutcomes(scheduler, exchange, sequences, metrics, masks),
                metrics,
                units,
                model.expertsPerToken(),
                model.layerCount(),
                config.abandonNs());
        for (int lane = 0; lane < config.lanes(); lane++) {
            final StepPlan plan = new StepPlan(limits);
            final LaneJob job = new LaneJob(router, sampler, plan, buffers.get(lane), clock);
            lanes.add(new Lane(lane, plan, buffers.get(lane), job, shared, nowNs));
        }
    }

    /** Freed by the garbage collector, since a job may still run when the agent is closed. */
    private List<LaneBuffers> laneBuffers(final SchedulerLimits limits, final Precision precision) {
        final List<LaneBuffers> buffers = new ArrayList<>();
        for (int lane = 0; lane < config.lanes(); lane++) {
            buffers.add(
                    new LaneBuffers(Arena.ofAuto(), model, precision, limits.maxRowsPerStep(), limits.maxLogitsRows()));
        }
        return buffers;
    }

    // ---- any thread ----

    /** Runs {@code wake} after each submission, on the submitter's thread: the engine's own may rest. */
    public void wakeWith(final Runnable wake) {
        waker = wake;
    }

    @Override
    public Admission submit(final GenerationRequest request, final GenerationListener listener) {
        if (draining || closed) {
            return new Admission.NotServing();
        }
        final Admission admission = admissions.submit(request, listener);
        if (admission instanceof Admission.Accepted) {
            waker.run();
        }
        return admission;
    }

    @Override
    public EngineStatus status() {
        return new EngineStatus(
                figures.everyUnitConnected() && !draining && !closed,
                contextTokens,
                admissions.size(),
                figures.running(),
                kvLayout.blockCount(),
                figures.kvBlocksFree(),
                metrics.get(Counter.PREEMPTIONS),
                metrics.get(Counter.PROMPT_TOKENS),
                metrics.get(Counter.CACHED_TOKENS),
                metrics.get(Counter.GENERATED_TOKENS),
                metrics.get(Counter.STEPS));
    }

    @Override
    public CompletionStage<Long> apply(final Placement placement, final List<NodeEndpoint> nodes) {
        return placements.offer(placement, nodes);
    }

    @Override
    public Unanswered unanswered() {
        return figures.unanswered();
    }

    @Override
    public List<Long> rowsByLayer() {
        return exchange.counters().rowsByLayer();
    }

    @Override
    public AnswerRows answerRows() {
        return exchange.counters().answerRows();
    }

    @Override
    public UnitTraffic unitTraffic() {
        return units.snapshot();
    }

    /** Passes on what the gate chooses from now on. Safe from any thread. */
    public void recordRouting(final RoutingSink sink) {
        units.recordTo(sink);
    }

    /** What the exchange has seen. */
    public ExchangeCounters.Snapshot exchangeCounters() {
        return exchange.counters().snapshot();
    }

    /** For which nodes layers waited last. */
    public Stragglers stragglers() {
        return exchange.counters().stragglers();
    }

    /** The nodes as this router sees them, at most {@value EngineFigures#HEALTH_INTERVAL_MS} ms old. */
    public List<NodeHealth> nodeHealth() {
        return figures.nodeHealth();
    }

    /** Lanes that wait for a unit without a connected node. */
    public int parkedLanes() {
        return figures.parkedLanes();
    }

    /** Shards open in all lanes; the engine thread's. */
    int openShards() {
        return exchange.openShards();
    }

    /** Counters and where the time goes. */
    public EngineMetrics metrics() {
        return metrics;
    }

    /**
     * Takes no new requests; completes when those accepted have ended. What is left after {@code limit} ends with
     * SHUTDOWN. The agent must go on running until then; calling again
     * changes nothing.
     */
    public synchronized CompletionStage<Void> drain(final Duration limit) {
        final long deadlineNs = clock.nanoTime() + limit.toNanos();
        if (draining) {
            return drained;
        }
        drainDeadlineNs = deadlineNs; // published by the volatile flag
        draining = true;
        if (closed) {
            drained.complete(null);
        }
        return drained;
    }

    // ---- engine thread ----

    @Override
    public int doWork() {
        nowNs = clock.nanoTime();
        final long observedNs = observed.advance(nowNs);
        int work = transport.doWork(nowNs, transportListener);
        work += placements.takeOver(nowNs);
        work += admitSubmissions();
        work += endSome();
        for (int lane = 0; lane < lanes.size(); lane++) {
            work += lanes.get(lane).doWork(nowNs, observedNs);
        }
        exchange.tend(observedNs);
        figures.publishHealth(nowNs);
        work += links.reconnect(nowNs);
        work += placements.acknowledge();
        if (work > 0) {
            publish();
        }
        work += finishDrain();
        return work;
    }

    @Override
    public String roleName() {
        return "router-engine";
    }

    @Override
    public void onClose() {
        closed = true;
        sequences.failAll(SHUTDOWN);
        admissions.close(SHUTDOWN);
        placements.close();
        masks.close();
        transport.close();
        publish();
        drained.complete(null);
    }

    private int admitSubmissions() {
        int count = 0;
        for (Ticket ticket = admissions.poll(); ticket != null; ticket = admissions.poll()) {
            final GenerationRequest request = ticket.request;
            final int total = request.promptTokens().size() + request.maxTokens();
            final Sequence sequence = new Sequence(
                    nextArrival++, request, ticket.listener, ticket.sampling, ropeTables.forSequence(total));
            masks.computeNext(sequence);
            sequences.add(ticket, sequence);
            count++;
        }
        return count;
    }

    private int endSome() {
        int ended = 0;
        if (cancelRequested) {
            cancelRequested = false;
            ended += sequences.endCancelled();
        }
        return ended + sequences.endOverdue(nowNs, whyOverdue);
    }

    private Failure whyOverdue(final Sequence sequence) {
        for (final Lane lane : lanes) {
            final boolean stuck = exchange.parked(lane.index) || exchange.stranded(lane.index);
            if (stuck && (sequence.lane < 0 || sequence.lane == lane.index)) {
                return new Failure(
                        GenerationError.EXPERT_UNAVAILABLE,
                        "no expert node that holds " + exchange.missingUnit(lane.index)
                                + " answers; the request waited for one until its deadline");
            }
        }
        return DEADLINE;
    }

    /** Makes the engine thread's figures visible. */
    private void publish() {
        admissions.left(scheduler.takeLeftQueue(), nowNs);
        figures.publish();
    }

    private int finishDrain() {
        if (!draining || drained.isDone()) {
            return 0;
        }
        if (nowNs - drainDeadlineNs >= 0) {
            sequences.failAll(SHUTDOWN);
        }
        if (sequences.isEmpty() && admissions.isEmpty()) {
            drained.complete(null);
            return 1;
        }
        return 0;
    }

    /** Carries shards of any lane to the transport. */
    private final class Sender implements ShardSender {
        @Override
        public int creditRows(final int nodeId) {
            return transport.creditRows(nodeId);
        }

        @Override
        public SendOutcome dispatch(final Shard shard) {
            return transport.dispatch(shard, lanes.get(shard.lane).buffers.dispatchRows);
        }
    }
}
