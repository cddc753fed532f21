package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.FailureDomain;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.http.runtime.ApiConfig;
import io.cheshire.model.runtime.checkpoint.Progress;
import java.time.Duration;
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

    private SingleProcess(final MemberProcess process, final int nodeCount, final RouterRole router) {
        this.process = process;
        this.nodeCount = nodeCount;
        this.router = router;
    }

    /**
     * Starts everything; returns when the listeners are open. Units go on loading; {@code /ready} tells when all are
     * there.
     *
     * @param config        of a process that is the whole cluster
     * @param api           its listeners, checked
     * @param progress      told while a checkpoint is hashed
     * @param nodesServing  counted up when a node has its units
     */
    public static SingleProcess start(
            final ProcessConfig config,
            final ApiConfig api,
            final Progress progress,
            final AtomicInteger nodesServing) {
        final MemberProcess process = MemberProcess.alone(config, progress);
        try {
            final int nodeCount = startNodes(process, (from, to, reason) -> {
                if (to == NodeState.SERVING) {
                    nodesServing.incrementAndGet();
                }
            });
            return new SingleProcess(process, nodeCount, RouterRole.start(process, 0, CHANNEL, api));
        } catch (final RuntimeException | Error failure) {
            process.close();
            throw failure;
        }
    }

    /**
     * Starts all expert nodes in this process; their units go on loading.
     *
     * @param listener told of every node's life
     * @return how many nodes
     */
    public static int startNodes(final MemberProcess process, final MemberListener listener) {
        final ExecutorService loader = Executors.newFixedThreadPool(
                Math.min(2, Runtime.getRuntime().availableProcessors()),
                Thread.ofPlatform().daemon().name("unit-loader-", 0).factory());
        process.closeAfterAgents(loader::shutdownNow);
        final int nodeCount = process.config().nodes();
        for (int nodeId = 0; nodeId < nodeCount; nodeId++) {
            ExpertNodeRole.start(
                    process, nodeId, CHANNEL, FailureDomain.NONE, Long.MAX_VALUE / nodeCount, loader, listener);
        }
        return nodeCount;
    }

    public RouterRole router() {
        return router;
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
    }
}
