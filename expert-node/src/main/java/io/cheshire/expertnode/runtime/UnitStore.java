package io.cheshire.expertnode.runtime;

import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.expertnode.core.MicroQueues;
import io.cheshire.model.core.kernel.ExpertKernel;
import io.cheshire.model.core.kernel.Kernels;
import io.cheshire.model.protocol.ExpertKey;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.device.DeviceExecutor;
import io.cheshire.model.runtime.device.DeviceJob;
import io.cheshire.transport.core.RouterLink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The units of a node: resident, on their way in, on their way out. The node's thread, {@link #residentBytes} apart.
 */
final class UnitStore {
    private static final Logger LOG = LoggerFactory.getLogger(UnitStore.class);

    private final int nodeId;
    private final ModelConfig model;
    private final Precision precision;
    private final Kernels kernels;
    private final DeviceExecutor device;
    private final UnitSource source;
    private final Executor loader;
    private final ExpertNodeConfig config;
    private final MicroQueues<RouterLink> queues;
    private final KernelWarmUp warmUp;

    private final @Nullable ExpertKernel[] kernelsByUnit;
    /** What was read for the kernels, by unit. */
    private final @Nullable HeldUnit[] heldByUnit;

    private final List<UnitLoading> loadings = new ArrayList<>();
    private final List<Unloading> unloadings = new ArrayList<>();
    private final AtomicLong residentBytes = new AtomicLong();

    UnitStore(
            final int nodeId,
            final ModelConfig model,
            final Precision precision,
            final Kernels kernels,
            final DeviceExecutor device,
            final UnitSource source,
            final Executor loader,
            final ExpertNodeConfig config,
            final MicroQueues<RouterLink> queues,
            final NanoClock clock) {
        this.nodeId = nodeId;
        this.model = model;
        this.precision = precision;
        this.kernels = kernels;
        this.device = device;
        this.source = source;
        this.loader = loader;
        this.config = config;
        this.queues = queues;
        this.warmUp =
                new KernelWarmUp(nodeId, device, clock, config.warmUpNs(), model.hiddenSize(), config.maxBatchRows());
        this.kernelsByUnit = new ExpertKernel[model.unitCount()];
        this.heldByUnit = new HeldUnit[model.unitCount()];
    }

    private int unitIndex(final ExpertKey key) {
        return key.unitIndex(model.expertCount());
    }

    /** The kernel of a unit that is resident or that a batch is still on. */
    ExpertKernel kernel(final int unitIndex) {
        final ExpertKernel kernel = kernelsByUnit[unitIndex];
        if (kernel == null) {
            throw new IllegalStateException("unit " + unitIndex + " has no kernel");
        }
        return kernel;
    }

    long residentBytes() {
        return residentBytes.get();
    }

    void load(final ExpertKey key, final String knownSha256, final CompletableFuture<HeldUnit> outcome) {
        if (key.layer() >= model.layerCount() || key.expert() >= model.expertCount()) {
            outcome.completeExceptionally(new IllegalArgumentException("the model has " + model.layerCount()
                    + " layers of " + model.expertCount() + " experts, and no " + key));
            return;
        }
        final HeldUnit held = queues.isResident(unitIndex(key)) ? heldByUnit[unitIndex(key)] : null;
        if (held != null) {
            outcome.complete(held);
            return;
        }
        for (final UnitLoading loading : loadings) {
            if (loading.key.equals(key)) {
                loading.outcomes.add(outcome);
                loading.mustBe(knownSha256);
                return;
            }
        }
        if (isUnloading(key)) {
            outcome.completeExceptionally(new IllegalStateException(
                    "node " + nodeId + " is just unloading " + key + ": ask again when that is done"));
            return;
        }
        start(key, knownSha256, outcome);
    }

    private void start(final ExpertKey key, final String knownSha256, final CompletableFuture<HeldUnit> outcome) {
        final long bytes = precision.unitBytes(model);
        final long comingBytes =
                loadings.stream().mapToLong(loading -> loading.estimatedBytes).sum();
        final long limit = config.maxWeightBytes();
        if (limit > 0 && residentBytes.get() + comingBytes + bytes > limit) {
            outcome.completeExceptionally(
                    new IllegalStateException("node " + nodeId + " can't load " + key + ": it takes "
                            + bytes + " bytes, " + (residentBytes.get() + comingBytes) + " of " + limit
                            + " are taken; raise cheshire.expert-node.max-weight-bytes or use more nodes"));
            return;
        }
        final UnitLoading loading =
                new UnitLoading(key, bytes, model, precision, kernels, config.maxBatchRows(), source);
        loading.mustBe(knownSha256);
        loadings.add(loading);
        loading.outcomes.add(outcome);
        loader.execute(loading::read);
    }

    void unload(
            final ExpertKey key,
            final CompletableFuture<ExpertKey> outcome,
            final MicroQueues.GivenUp<RouterLink> givenUp) {
        final int unit = unitIndex(key);
        if (unit >= kernelsByUnit.length || !queues.isResident(unit)) {
            outcome.complete(key);
            return;
        }
        queues.removeUnit(unit, givenUp);
        unloadings.add(new Unloading(key, outcome));
    }

    /** Asks a unit for one row, once {@code idle}; returns whether the probe is done with. */
    boolean probe(final UnitProbe probe, final boolean idle, final long nowNs) {
        final int unit = unitIndex(probe.key);
        if (unit >= kernelsByUnit.length || !queues.isResident(unit)) {
            probe.refuse("node " + nodeId + " doesn't hold " + probe.key);
            return true;
        }
        if (idle) {
            probe.on(kernel(unit));
            if (device.submit(probe)) {
                return true;
            }
        }
        if (nowNs - probe.deadlineNs >= 0) {
            probe.refuse("node " + nodeId + " was busy all the time");
            return true;
        }
        return false;
    }

    private boolean isUnloading(final ExpertKey key) {
        for (final Unloading unloading : unloadings) {
            if (unloading.key.equals(key)) {
                return true;
            }
        }
        return false;
    }

    /** Hands loads and unloads on; a unit whose batch is in {@code slots} stays. */
    int doWork(final List<ComputeSlot> slots) {
        int work = 0;
        for (int i = loadings.size() - 1; i >= 0; i--) {
            work += tend(loadings.get(i));
        }
        for (int i = unloadings.size() - 1; i >= 0; i--) {
            work += tend(unloadings.get(i), slots);
        }
        return work;
    }

    private int tend(final UnitLoading loading) {
        return switch (loading.state) {
            case READING, SUBMITTED -> 0;
            case READ -> {
                if (!loading.isRight()) {
                    yield refuse(loading);
                }
                // Before the submit: the device may be done by the time it returns.
                loading.state = UnitLoading.State.SUBMITTED;
                if (!device.submit(loading)) {
                    loading.state = UnitLoading.State.READ;
                    yield 0;
                }
                yield 1;
            }
            case LOADED -> {
                if (!warmUp.isOver(loading.kernel())) {
                    yield 0;
                }
                final int unit = unitIndex(loading.key);
                kernelsByUnit[unit] = loading.kernel();
                heldByUnit[unit] = loading.held();
                residentBytes.addAndGet(loading.kernel().weightBytes());
                queues.addUnit(unit);
                loadings.remove(loading);
                loading.outcomes.forEach(outcome -> outcome.complete(loading.held()));
                yield 1;
            }
            case FAILED -> {
                loadings.remove(loading);
                final Throwable cause = loading.failure;
                LOG.error("node {} can't load {}", nodeId, loading.key, cause);
                final IllegalStateException told = new IllegalStateException(
                        "node " + nodeId + " can't load " + loading.key + ": "
                                + (cause == null ? "unknown" : cause.getMessage()),
                        cause);
                loading.outcomes.forEach(outcome -> outcome.completeExceptionally(told));
                yield 1;
            }
        };
    }

    /**
     * Other bytes than the cluster serves: they are never packed, and so no router gets anything that was computed from
     * them.
     */
    private int refuse(final UnitLoading loading) {
        loadings.remove(loading);
        loading.outcomes.forEach(outcome -> outcome.complete(loading.held()));
        return 1;
    }

    private int tend(final Unloading unloading, final List<ComputeSlot> slots) {
        final int unit = unitIndex(unloading.key);
        if (unloading.done) {
            unloadings.remove(unloading);
            unloading.outcome.complete(unloading.key);
            return 1;
        }
        if (unloading.submitted || isInWork(unit, slots)) {
            return 0;
        }
        final ExpertKernel kernel = kernel(unit);
        unloading.kernel = kernel;
        final long bytes = kernel.weightBytes();
        if (!device.submit(unloading)) {
            return 0;
        }
        unloading.submitted = true;
        kernelsByUnit[unit] = null;
        heldByUnit[unit] = null;
        residentBytes.addAndGet(-bytes);
        return 1;
    }

    private static boolean isInWork(final int unit, final List<ComputeSlot> slots) {
        for (final ComputeSlot slot : slots) {
            if (slot.state != ComputeSlot.State.FREE && slot.batch.unitIndex() == unit) {
                return true;
            }
        }
        return false;
    }

    /**
     * The node ends: kernels are closed on the device, behind all jobs that use them; nobody is left waiting for what
     * is on its way in or out.
     *
     * @param stopped what they are told
     * @param behind  run on the device, behind all that
     */
    void close(final IllegalStateException stopped, final Runnable behind) {
        for (final UnitLoading loading : loadings) {
            loading.outcomes.forEach(outcome -> outcome.completeExceptionally(stopped));
        }
        for (final Unloading unloading : unloadings) {
            unloading.outcome.completeExceptionally(stopped);
        }
        final List<Runnable> parts = new ArrayList<>();
        for (final ExpertKernel kernel : kernelsByUnit) {
            if (kernel != null) {
                parts.add(kernel::close);
            }
        }
        loadings.forEach(loading -> parts.add(loading::free));
        parts.add(behind);
        final boolean submitted = device.submit(new LastJob(nodeId, parts));
        if (!submitted) {
            LOG.warn(
                    "node {} leaves {} bytes of weights to the end of the process: the device's queue is full",
                    nodeId,
                    residentBytes.get());
        }
    }

    private static final class Unloading implements DeviceJob {
        private final ExpertKey key;
        private final CompletableFuture<ExpertKey> outcome;
        private @Nullable ExpertKernel kernel;
        private boolean submitted;
        private volatile boolean done;

        private Unloading(final ExpertKey key, final CompletableFuture<ExpertKey> outcome) {
            this.key = key;
            this.outcome = outcome;
        }

        @Override
        public boolean begin() {
            if (kernel != null) {
                kernel.close();
            }
            done = true;
            return true;
        }

        @Override
        public void failed(final Throwable cause) {
            LOG.error("can't free {}", key, cause);
            done = true;
        }
    }
}
