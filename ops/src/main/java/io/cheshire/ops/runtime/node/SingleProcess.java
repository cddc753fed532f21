package io.cheshire.ops.runtime.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ModelIdentity;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.core.ThreadSharing;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.TransportConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Coordinator, router and all expert nodes in this JVM: what {@code cheshire serve} runs. Tokens still go through the same
 * frames over {@code aeron:ipc} as between processes. Started and closed by one thread.
 */
public final class SingleProcess implements AutoCloseable {
    private static final String IPC = "aeron:ipc";

    private final ServedModel model;
    private final AgentGroup agents;
    private final ComputeDevice device;
    private final DataPlane dataPlane;
    private final ClusterSystem cluster;
    private final ExecutorService loader;
    private final List<ExpertNodeRole> nodes;
    private final RouterRole router;
    private final ThreadSharing sharing;

    private SingleProcess(
            final ServedModel model,
            final AgentGroup agents,
            final ComputeDevice device,
            final DataPlane dataPlane,
            final ClusterSystem cluster,
            final ExecutorService loader,
            final List<ExpertNodeRole> nodes,
            final RouterRole router,
            final ThreadSharing sharing) {
        this.model = model;
        this.agents = agents;
        this.device = device;
        this.dataPlane = dataPlane;
        this.cluster = cluster;
        this.loader = loader;
        this.nodes = nodes;
        this.router = router;
        this.sharing = sharing;
    }

    /**
     * Starts everything; returns when the listeners are open. Units go on loading; {@code /ready} tells when all are there.
     *
     * @param progress      told while a checkpoint is hashed
     * @param nodesServing  counted up when a node has its units
     */
    public static SingleProcess start(
            final Settings settings, final Progress progress, final AtomicInteger nodesServing) {
        final ThreadSharing sharing = ThreadSharing.of(
                settings.config().getString("cheshire.threads"),
                Runtime.getRuntime().availableProcessors());
        final int nodeCount = settings.config().getInt("cheshire.nodes");
        // The parts of one process agree by construction, whatever a file says.
        final Config config = ConfigFactory.parseMap(Map.of(
                        "cheshire.coordinator.expected-nodes",
                        nodeCount,
                        "cheshire.transport.driver.mode",
                        sharing == ThreadSharing.SHARED ? "invoker" : "thread",
                        "cheshire.transport.driver.directory",
                        ""))
                .withFallback(settings.config());
        final ServedModel model = ServedModel.open(settings, progress);
        final AgentGroup agents = new AgentGroup(sharing);
        final ComputeDevice device = ComputeDevice.open(config, agents);
        final DataPlane dataPlane = DataPlane.launch(TransportConfig.of(config));
        if (sharing == ThreadSharing.SHARED) {
            agents.add(dataPlane);
        }
        final ClusterSystem cluster = ClusterSystem.local(config);
        final ActorRef<CoordinatorCommand> coordinator = cluster.coordinator(new ModelIdentity(
                model.fingerprint(), model.config().layerCount(), model.config().expertCount()));
        final ExecutorService loader = Executors.newFixedThreadPool(
                Math.min(2, Runtime.getRuntime().availableProcessors()),
                Thread.ofPlatform().daemon().name("unit-loader-", 0).factory());
        final long memoryPerNode = Long.MAX_VALUE / Math.max(1, nodeCount);
        final List<ExpertNodeRole> nodes = new ArrayList<>();
        for (int nodeId = 0; nodeId < nodeCount; nodeId++) {
            nodes.add(ExpertNodeRole.start(
                    config,
                    model,
                    device,
                    agents,
                    dataPlane,
                    cluster,
                    coordinator,
                    nodeId,
                    IPC,
                    memoryPerNode,
                    loader,
                    (from, to, reason) -> {
                        if (to == NodeState.SERVING) {
                            nodesServing.incrementAndGet();
                        }
                    }));
        }
        final RouterRole router =
                RouterRole.start(config, model, device, agents, dataPlane, cluster, coordinator, 0, IPC);
        return new SingleProcess(model, agents, device, dataPlane, cluster, loader, nodes, router, sharing);
    }

    public RouterRole router() {
        return router;
    }

    public ServedModel model() {
        return model;
    }

    public ComputeDevice device() {
        return device;
    }

    public ThreadSharing sharing() {
        return sharing;
    }

    public int nodeCount() {
        return nodes.size();
    }

    /** Every unit has a reachable node. */
    public boolean ready() {
        return router.engine().status().ready();
    }

    /** Exceptions that reached a duty cycle: defects. */
    public long agentErrors() {
        return agents.errorCount();
    }

    /** Finishes running requests, bounded by {@code patience}; true if all finished. */
    public boolean drain(final Duration patience) {
        return router.drain(patience);
    }

    @Override
    public void close() {
        router.api().close();
        cluster.close();
        loader.shutdownNow();
        agents.close();
        router.close();
        dataPlane.close();
        device.kernels().close();
        model.close();
    }
}
