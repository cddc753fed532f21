package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.expertnode.core.Batch;
import io.cheshire.expertnode.core.MicroQueues;
import io.cheshire.expertnode.core.QueuedShard;
import io.cheshire.expertnode.core.ShardAdmission;
import io.cheshire.expertnode.core.UnitHost;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.model.runtime.device.DeviceLostException;
import io.cheshire.transport.core.RouterLink;
import io.cheshire.transport.core.RouterLinks;
import io.cheshire.transport.protocol.NackReason;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.sbe.DispatchDecoder;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An expert node without its actor: takes shards from routers, has the device compute them, answers. A duty cycle for
 * one thread, its own or one shared with other nodes, the router and the device; {@link UnitHost}'s methods are safe
 * from any.
 *
 * <p>Rows are computed as they are: a NaN in one is that row's result and no other's (a kernel's rows don't depend on
 * each other), and the router's sampler ends the request that it belongs to. Refusing the shard instead would punish
 * the other requests in it, and a retry elsewhere couldn't help.
 *
 * <p>The node owns its buffers and kernels. On close they are freed by a last job of the device, so let the device's
 * duty cycle go on until it is idle.
 */
public final class ExpertNode implements UnitHost, Agent {
    private static final Logger LOG = LoggerFactory.getLogger(ExpertNode.class);

    private final NodeEndpoint endpoint;
    private final ModelConfig model;
    private final RouterLinks links;
    private final DeviceExecutor device;
    private final ExpertNodeConfig config;
    private final TransportConfig transport;
    private final NanoClock clock;
    private final MicroQueues<RouterLink> queues;
    private final UnitStore units;
    private final UnitCounters counters;
    private final ResultDelivery delivery;
    private final NodeCommands commands;
    private final Arena arena = Arena.ofShared();
    private final RowStore rows;
    private final List<ComputeSlot> slots = new ArrayList<>();
    private final RouterLinks.Listener listener = new LinkListener();
    private final MicroQueues.GivenUp<RouterLink> incomplete =
            (link, shardId, attempt) -> link.sendNack(shardId, attempt, NackReason.BAD_FRAME);
    private final MicroQueues.GivenUp<RouterLink> unloaded =
            (link, shardId, attempt) -> link.sendNack(shardId, attempt, NackReason.NOT_RESIDENT);
    private final int rowBytes;
    /** Waits for a moment without work; the node's thread. At most one: the coordinator compares one unit at a time. */
    private @Nullable UnitProbe probe;

    private volatile Supplier<String> deviceHealth = () -> "";
    private final List<CompletableFuture<Void>> drains = new ArrayList<>();
    private long nextExpiryNs;

    /**
     * @param endpoint  who this node is; the same that {@code links} listens on
     * @param links     the node's end of the data plane; closed with the node
     * @param model     the model's configuration
     * @param precision how it is computed
     * @param kernels   the device's kernels; outlive the node
     * @param device    computes for this node and perhaps for others
     * @param source    where weights come from; outlives the node
     * @param loader    runs what blocks while weights are read
     */
    public ExpertNode(
            final NodeEndpoint endpoint,
            final RouterLinks links,
            final ModelConfig model,
            final Precision precision,
            final Kernels kernels,
            final DeviceExecutor device,
            final UnitSource source,
            final Executor loader,
            final ExpertNodeConfig config,
            final TransportConfig transport) {
        this(
                endpoint,
                links,
                model,
                precision,
                kernels,
                device,
                source,
                loader,
                config,
                transport,
                SystemNanoClock.INSTANCE);
    }

    /** As above, by another clock: simulations pass theirs. It is read by the node's and the device's thread. */
    @SuppressWarnings("this-escape") // the listener is an inner class and is called by this node's own duty cycle only
    public ExpertNode(
            final NodeEndpoint endpoint,
            final RouterLinks links,
            final ModelConfig model,
            final Precision precision,
            final Kernels kernels,
            final DeviceExecutor device,
            final UnitSource source,
            final Executor loader,
            final ExpertNodeConfig config,
            final TransportConfig transport,
            final NanoClock clock) {
        this.endpoint = endpoint;
        this.links = links;
        this.model = model;
        this.device = device;
        this.config = config;
        this.transport = transport;
        this.clock = clock;
        this.nextExpiryNs = clock.nanoTime(); // a monotonic clock may count from anywhere, also below zero
        this.queues = new MicroQueues<>(
                model.unitCount(),
                Math.max(config.recentShards(), transport.links().windowRows()));
        this.units = new UnitStore(
                endpoint.nodeId(), model, precision, kernels, device, source, loader, config, queues, clock);
        this.counters = new UnitCounters(model.unitCount(), model.expertCount());
        this.commands = new NodeCommands(endpoint.nodeId(), new ManyToOneConcurrentArrayQueue<>(config.maxCommands()));
        this.rowBytes =
                Math.multiplyExact(model.hiddenSize(), precision.rowDtype().bytes());
        final int resultRowBytes = Math.multiplyExact(model.hiddenSize(), Float.BYTES);
        config.requireBatchFits(resultRowBytes);
        this.delivery = new ResultDelivery(
                queues,
                links,
                counters,
                model.expertCount(),
                resultRowBytes,
                config.maxUnsentBytes(),
                transport.sendTimeoutNs());
        this.rows = new RowStore(arena, rowBytes);
        final BusyTime busy = new BusyTime();
        for (int i = 0; i < config.computeSlots(); i++) {
            slots.add(new ComputeSlot(arena, rowBytes, resultRowBytes, config.maxBatchRows(), busy, clock));
        }
    }

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        int work = commands.run();
        work += links.doWork(nowNs, listener);
        work += delivery.doWork(nowNs);
        for (final ComputeSlot slot : slots) {
            work += tend(slot, nowNs);
        }
        work += units.doWork(slots);
        work += tendProbe(nowNs);
        if (nowNs - nextExpiryNs >= 0) {
            nextExpiryNs = nowNs + transport.links().heartbeatIntervalNs();
            queues.expirePartials(nowNs - transport.partialTimeoutNs(), incomplete);
        }
        finishDrain();
        return work;
    }

    private int tend(final ComputeSlot slot, final long nowNs) {
        return switch (slot.state) {
            case FREE -> prepare(slot);
            case PREPARED -> submit(slot);
            case SUBMITTED -> 0;
            case COMPUTED -> answer(slot, nowNs);
            case FAILED -> refuse(slot);
        };
    }

    private int prepare(final ComputeSlot slot) {
        if (!queues.take(slot.batch, config.maxBatchRows())) {
            return 0;
        }
        slot.prepare(rows, units.kernel(slot.batch.unitIndex()));
        slot.state = ComputeSlot.State.PREPARED;
        return 1 + submit(slot);
    }

    private int tendProbe(final long nowNs) {
        final UnitProbe waiting = probe;
        if (waiting == null || !units.probe(waiting, queues.isEmpty(), nowNs)) {
            return 0;
        }
        probe = null;
        return 1;
    }

    /** Where the device's queue is full, the slot stays as it is and tries again. */
    private int submit(final ComputeSlot slot) {
        // Before the submit: the device may be done by the time it returns.
        slot.state = ComputeSlot.State.SUBMITTED;
        if (device.submit(slot)) {
            return 1;
        }
        slot.state = ComputeSlot.State.PREPARED;
        return 0;
    }

    private int answer(final ComputeSlot slot, final long nowNs) {
        final int work = delivery.answer(slot, nowNs);
        slot.state = ComputeSlot.State.FREE;
        return work;
    }

    private int refuse(final ComputeSlot slot) {
        final Batch<RouterLink> batch = slot.batch;
        final ExpertKey key = ExpertKey.ofUnitIndex(batch.unitIndex(), model.expertCount());
        LOG.error("node {} failed to compute {} rows of {}", endpoint.nodeId(), batch.totalRows(), key, slot.failure);
        final NackReason reason =
                slot.failure instanceof DeviceLostException ? NackReason.DEVICE_LOST : NackReason.COMPUTE_FAILED;
        for (int slice = 0; slice < batch.sliceCount(); slice++) {
            final QueuedShard<RouterLink> shard = batch.shard(slice);
            if (!shard.isAbandoned()) {
                shard.link().sendNack(shard.shardId(), shard.attempt(), reason);
                queues.fail(shard);
            }
            queues.answered(shard, batch.rowCount(slice));
        }
        slot.state = ComputeSlot.State.FREE;
        return 1;
    }

    private void finishDrain() {
        if (!drains.isEmpty() && queues.isEmpty()) {
            drains.forEach(drain -> drain.complete(null));
            drains.clear();
        }
    }

    @Override
    public NodeEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public CompletionStage<HeldUnit> load(final ExpertKey key, final String knownSha256) {
        final CompletableFuture<HeldUnit> outcome = new CompletableFuture<>();
        commands.add(outcome, () -> units.load(key, knownSha256, outcome));
        return outcome;
    }

    @Override
    public CompletionStage<ExpertKey> unload(final ExpertKey key) {
        final CompletableFuture<ExpertKey> outcome = new CompletableFuture<>();
        commands.add(outcome, () -> units.unload(key, outcome, unloaded));
        return outcome;
    }

    @Override
    public CompletionStage<String> probe(final ExpertKey key, final long seed) {
        final CompletableFuture<String> outcome = new CompletableFuture<>();
        commands.add(outcome, () -> {
            if (probe != null) {
                probe.refuse("another probe came before there was time for this one");
            }
            probe = new UnitProbe(key, seed, model.hiddenSize(), clock.nanoTime() + config.probeWaitNs(), outcome);
        });
        return outcome;
    }

    @Override
    public CompletionStage<Void> drain() {
        final CompletableFuture<Void> outcome = new CompletableFuture<>();
        commands.add(outcome, () -> {
            queues.drain();
            drains.add(outcome);
        });
        return outcome;
    }

    @Override
    public List<UnitLoad> loads() {
        return counters.loads();
    }

    @Override
    public long residentBytes() {
        return units.residentBytes();
    }

    /** From now on the node says this of its device: a few words, or none. Any thread. */
    public void tellsOfDevice(final Supplier<String> health) {
        deviceHealth = health;
    }

    @Override
    public String deviceHealth() {
        return deviceHealth.get();
    }

    /** Rows that wait or are in work; the node's thread only. */
    int rowsHeld() {
        return queues.rowsHeld();
    }

    /** Bytes of results that wait for routers; the node's thread only. */
    long unsentBytes() {
        return delivery.unsentBytes();
    }

    @Override
    public String roleName() {
        return "expert-node-" + endpoint.nodeId();
    }

    /**
     * On the node's thread: fails what was asked of the node and isn't done, says goodbye to the routers and has the
     * device free what the node owns.
     */
    @Override
    public void onClose() {
        commands.close();
        final IllegalStateException stopped = NodeCommands.stopped(endpoint.nodeId());
        if (probe != null) {
            probe.failed(stopped);
        }
        drains.forEach(drain -> drain.completeExceptionally(stopped));
        try {
            links.close();
        } finally { // whatever became of the goodbyes
            delivery.close();
            units.close(stopped, arena::close);
        }
    }

    private final class LinkListener implements RouterLinks.Listener {
        @Override
        public void onDispatch(
                final RouterLink link, final DispatchDecoder frame, final DirectBuffer buffer, final int rowsOffset) {
            final int firstRow = frame.firstRow();
            final int rowCount = frame.rowCount();
            final ShardAdmission admission = queues.admit(
                    link,
                    link.linkId(),
                    link.credit(),
                    frame.shardId(),
                    frame.attempt(),
                    frame.layer() * model.expertCount() + frame.expert(),
                    firstRow,
                    rowCount,
                    frame.shardRowCount(),
                    clock.nanoTime());
            if (admission == ShardAdmission.ACCEPTED) {
                final QueuedShard<RouterLink> shard = queues.admitted();
                int at = rowsOffset;
                for (int row = firstRow; row < firstRow + rowCount; row++) {
                    rows.put(shard.rowSlot(row), buffer, at);
                    at += rowBytes;
                }
            } else if (admission.nackReason() != null) {
                link.sendNack(frame.shardId(), frame.attempt(), admission.nackReason());
            }
        }

        @Override
        public void onLinkUp(final RouterLink link) {}

        @Override
        public void onLinkDown(final RouterLink link, final String reason) {
            queues.dropLink(link.linkId());
            delivery.linkDown(link, clock.nanoTime());
        }
    }
}
