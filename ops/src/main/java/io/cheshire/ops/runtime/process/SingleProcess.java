package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.FailureDomain;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.model.runtime.checkpoint.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Coordinator, router and all expert nodes in this JVM: what {@code cheshire serve} runs. Tokens still go through the
 * same frames over {@code aeron:ipc} as between processes. Started and closed by one thread.
 */
public final class SingleProcess implements AutoCloseable {
    /** On which the parts of one process reach each other. */
    public static final String CHANNEL = "aeron:ipc";

    private final MemberProcess process;
    private final int nodeCount;
    private final RouterRole router;
    private final Operations operations;

    private SingleProcess(
            final MemberProcess process, final int nodeCount, final RouterRole router, final Operations operations) {
        this.operations = operations;
        this.process = process;
        this.nodeCount = nodeCount;
        this.router = router;
    }

    /**
     * Starts everything; returns when the listeners are open. Units go on loading; {@code /ready} tells when all are
     * there.
     *
     * @param config        of a process that is the whole cluster
     * @param api           its API's listener, checked
     * @param progress      told while a checkpoint is hashed
     * @param nodesServing  counted up when a node has its units
     */
    public static SingleProcess start(
            final ProcessConfig config,
            final ApiConfig api,
            final Progress progress,
            final AtomicInteger nodesServing) {
        final Operations operations = Operations.open(ProcessSelf.SERVE, -1, config, () -> false);
        try {
            return start(MemberProcess.alone(config, progress), api, operations, nodesServing);
        } catch (final RuntimeException | Error failure) {
            operations.close();
            throw failure;
        }
    }

    private static SingleProcess start(
            final MemberProcess process,
            final ApiConfig api,
            final Operations operations,
            final AtomicInteger nodesServing) {
        try {
            final List<ExpertNodeRole> nodes = startNodes(process, (from, to, reason) -> {
                if (to == NodeState.SERVING) {
                    nodesServing.incrementAndGet();
                }
            });
            final RouterRole router = RouterRole.start(process, 0, CHANNEL, api, operations);
            NodeMeters.bind(
                    operations.figures(),
                    nodes,
                    process.device().kernels().description(),
                    process.config().ops().figures().units());
            operations.shows(
                    "nodes", () -> nodes.stream().map(ExpertNodeRole::view).toList());
            return new SingleProcess(process, nodes.size(), router, operations);
        } catch (final RuntimeException | Error failure) {
            process.close();
            throw failure;
        }
    }

    /**
     * Starts all expert nodes in this process; their units go on loading.
     *
     * @param listener told of every node's life
     * @return the nodes, by their numbers
     */
    public static List<ExpertNodeRole> startNodes(final MemberProcess process, final MemberListener listener) {
        final ExecutorService loader = Executors.newFixedThreadPool(
                Math.min(2, Runtime.getRuntime().availableProcessors()),
                Thread.ofPlatform().daemon().name("unit-loader-", 0).factory());
        process.closeAfterAgents(loader::shutdownNow);
        final int nodeCount = process.config().nodes();
        final List<ExpertNodeRole> nodes = new ArrayList<>();
        for (int nodeId = 0; nodeId < nodeCount; nodeId++) {
            nodes.add(ExpertNodeRole.start(
                    process, nodeId, CHANNEL, FailureDomain.NONE, Long.MAX_VALUE / nodeCount, loader, listener));
        }
        return nodes;
    }

    public RouterRole router() {
        return router;
    }

    /** The operations listener and what it shows. */
    public Operations operations() {
        return operations;
    }

    public ServedModel model() {
        return process.model();
    }

    public ComputeDevice device() {
        return process.device();
    }

    public ThreadSharing sharing() {
        return process.agents().sharing();
    }

    public int nodeCount() {
        return nodeCount;
    }

    /** Every unit has a reachable node. */
    public boolean ready() {
        return router.engine().status().ready();
    }

    /** Exceptions that reached a duty cycle: defects. */
    public long agentErrors() {
        return process.agents().errorCount();
    }

    /** Finishes running requests, bounded by {@code patience}; true if all finished. */
    public boolean drain(final Duration patience) {
        return router.drain(patience);
    }

    @Override
    public void close() {
        router.api().close();
        process.close();
        operations.close();
    }
}
