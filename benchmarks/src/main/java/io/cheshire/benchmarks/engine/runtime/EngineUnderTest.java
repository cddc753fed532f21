package io.cheshire.benchmarks.engine.runtime;

import io.cheshire.benchmarks.engine.core.Mode;
import io.cheshire.benchmarks.serve.core.BenchException;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.expertnode.runtime.InProcessExpertTransport;
import io.cheshire.model.core.kernel.RouterKernel;
import io.cheshire.model.protocol.ModelConfig;
import io.cheshire.model.protocol.Precision;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.process.MemberProcess;
import io.cheshire.ops.runtime.process.ProcessConfig;
import io.cheshire.ops.runtime.process.RouterEngine;
import io.cheshire.ops.runtime.process.SingleProcess;
import io.cheshire.router.runtime.engine.EngineAgent;
import io.cheshire.router.runtime.engine.EngineConfig;
import io.cheshire.transport.core.ExpertTransport;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * What {@code cheshire serve} runs, without HTTP and with every part measured; beside it a second engine that calls the
 * same kernels directly. Used by one thread.
 */
final class EngineUnderTest implements AutoCloseable {
    private static final long POLL_NS = 2_000_000;
    private static final long READY_TIMEOUT_NS = TimeUnit.MINUTES.toNanos(30);
    private static final String UNUSED_CHANNEL = "aeron:ipc";

    private final EngineInstruments instruments;
    private final MemberProcess process;
    private final EngineAgent overTransport;
    private final EngineAgent direct;
    private final RouterEngine routerEngine;
    private final RouterKernel router;
    private final int nodeCount;

    private EngineUnderTest(
            final EngineInstruments instruments,
            final MemberProcess process,
            final EngineAgent overTransport,
            final EngineAgent direct,
            final RouterEngine routerEngine,
            final int nodeCount) {
        this.instruments = instruments;
        this.process = process;
        this.overTransport = overTransport;
        this.direct = direct;
        this.routerEngine = routerEngine;
        this.router = routerEngine.kernel();
        this.nodeCount = nodeCount;
    }

    /**
     * Starts everything and waits until all units are loaded.
     *
     * @param progress told while a checkpoint is hashed
     * @param nodes    told how many nodes have their units
     */
    static EngineUnderTest start(final ProcessConfig config, final Progress progress, final IntConsumer nodes) {
        final EngineInstruments instruments = new EngineInstruments();
        final MemberProcess process = MemberProcess.alone(config, progress, instruments);
        try {
            final AtomicInteger serving = new AtomicInteger();
            final int nodeCount = SingleProcess.startNodes(process, (from, to, reason) -> {
                        if (to == NodeState.SERVING) {
                            serving.incrementAndGet();
                        }
                    })
                    .size();
            final RouterEngine router = RouterEngine.start(process, 0, SingleProcess.CHANNEL);
            awaitReady(router.engine(), serving, nodes);
            instruments.enginesAreFor(Mode.DIRECT);
            final EngineAgent direct = router.besides(directTransport(process, instruments), asIs -> asIs);
            placeDirectly(direct, process.model().config(), nodeCount);
            awaitReady(direct, serving, nodes);
            return new EngineUnderTest(instruments, process, router.engine(), direct, router, nodeCount);
        } catch (final RuntimeException failure) {
            process.close();
            throw failure;
        }
    }

    private static void awaitReady(final EngineAgent engine, final AtomicInteger serving, final IntConsumer nodes) {
        final long deadlineNs = System.nanoTime() + READY_TIMEOUT_NS;
        while (!engine.status().ready()) {
            nodes.accept(serving.get());
            if (System.nanoTime() - deadlineNs > 0) {
                throw new BenchException("the expert nodes have not loaded their units within 30 minutes");
            }
            LockSupport.parkNanos(POLL_NS);
        }
        nodes.accept(serving.get());
    }

    private static ExpertTransport directTransport(final MemberProcess process, final EngineInstruments instruments) {
        return new InProcessExpertTransport(
                process.model().identity(process.device().kernels()),
                process.device().executor(),
                instruments.kernels(),
                process.config().expertNode().maxBatchRows(),
                process.config().device().jobLimit() / 2);
    }

    /** The placement every cluster starts from, on nodes that exist by name only. */
    private static void placeDirectly(final EngineAgent engine, final ModelConfig model, final int nodeCount) {
        final List<List<Integer>> nodesByUnit = new ArrayList<>();
        for (int unit = 0; unit < model.unitCount(); unit++) {
            nodesByUnit.add(List.of(unit % model.expertCount() % nodeCount));
        }
        final List<NodeEndpoint> endpoints = new ArrayList<>();
        for (int node = 0; node < nodeCount; node++) {
            endpoints.add(new NodeEndpoint(node, 1, UNUSED_CHANNEL, 1));
        }
        engine.apply(new Placement(1, model.expertCount(), nodesByUnit), endpoints);
    }

    /** The engine of a mode; the parts that it doesn't need rest from now on. */
    EngineAgent engine(final Mode mode) {
        instruments.run(mode);
        return switch (mode) {
            case TRANSPORT -> overTransport;
            case DIRECT -> direct;
        };
    }

    /**
     * One more engine of mode DIRECT, which guesses as it is told. Only one engine may have sequences at a time.
     */
    EngineAgent another(final UnaryOperator<EngineConfig> changes) {
        final EngineAgent engine = routerEngine.besides(directTransport(process, instruments), changes);
        placeDirectly(engine, model(), nodeCount);
        instruments.run(Mode.DIRECT);
        awaitReady(engine, new AtomicInteger(), serving -> {});
        return engine;
    }

    LedgerBook book() {
        return instruments.book();
    }

    ModelConfig model() {
        return process.model().config();
    }

    String modelName() {
        return process.model().name();
    }

    Precision precision() {
        return process.model().precision();
    }

    String kernels() {
        return process.device().kernels().description();
    }

    String sharing() {
        return process.agents().sharing().name().toLowerCase(java.util.Locale.ROOT);
    }

    long unitBytes() {
        return instruments.kernels().unitBytes();
    }

    long routerBytes() {
        return router.weightBytes();
    }

    long kvBytes() {
        return router.kvBytes();
    }

    /** Exceptions that reached a duty cycle: defects. */
    long agentErrors() {
        return process.agents().errorCount();
    }

    @Override
    public void close() {
        for (final Mode mode : Mode.values()) {
            engine(mode)
                    .drain(java.time.Duration.ofSeconds(1))
                    .toCompletableFuture()
                    .join();
        }
        process.close();
    }
}
