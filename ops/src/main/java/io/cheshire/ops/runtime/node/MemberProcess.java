package io.cheshire.ops.runtime.node;

import com.typesafe.config.Config;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ModelIdentity;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.core.ThreadSharing;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a router or expert-node process of a cluster stands on: model, device, data plane and control plane. */
public final class MemberProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemberProcess.class);
    private static final long LEAVE_TIMEOUT_SECONDS = 60;

    private final ServedModel model;
    private final AgentGroup agents;
    private final ComputeDevice device;
    private final DataPlane dataPlane;
    private final ClusterSystem cluster;
    private final ActorRef<CoordinatorCommand> coordinator;
    private final Deque<Runnable> beforeAgents = new ArrayDeque<>();
    private final Deque<AutoCloseable> afterAgents = new ArrayDeque<>();

    private MemberProcess(
            final ServedModel model,
            final AgentGroup agents,
            final ComputeDevice device,
            final DataPlane dataPlane,
            final ClusterSystem cluster,
            final ActorRef<CoordinatorCommand> coordinator) {
        this.model = model;
        this.agents = agents;
        this.device = device;
        this.dataPlane = dataPlane;
        this.cluster = cluster;
        this.coordinator = coordinator;
    }

    /** Starts the parts; joining the cluster goes on in the background. */
    public static MemberProcess start(final Settings settings, final ClusterRole role, final Progress progress) {
        final Config config = settings.config();
        final ServedModel model = ServedModel.open(settings, progress);
        final AgentGroup agents = new AgentGroup(ThreadSharing.of(
                config.getString("cheshire.threads"), Runtime.getRuntime().availableProcessors()));
        final ComputeDevice device = ComputeDevice.open(config, agents);
        final DataPlane dataPlane = DataPlane.launch(TransportConfig.of(config));
        agents.add(dataPlane);
        final ClusterSystem cluster = ClusterSystem.join(role, config);
        final ActorRef<CoordinatorCommand> coordinator = cluster.coordinator(new ModelIdentity(
                model.fingerprint(), model.config().layerCount(), model.config().expertCount()));
        return new MemberProcess(model, agents, device, dataPlane, cluster, coordinator);
    }

    /** Has a member leave in order, bounded, when this closes. */
    public void leaveOnShutdown(final String what, final Function<String, ? extends CompletionStage<?>> leave) {
        beforeAgents.push(() -> {
            try {
                leave.apply("the process is stopping")
                        .toCompletableFuture()
                        .orTimeout(LEAVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                        .join();
            } catch (final RuntimeException late) {
                LOG.warn("{} did not leave in order: {}", what, late.getMessage());
            }
        });
    }

    /** Closes something after the agents have stopped using it. */
    public void closeAfterAgents(final AutoCloseable used) {
        afterAgents.push(used);
    }

    public ServedModel model() {
        return model;
    }

    public AgentGroup agents() {
        return agents;
    }

    public ComputeDevice device() {
        return device;
    }

    public DataPlane dataPlane() {
        return dataPlane;
    }

    public ClusterSystem cluster() {
        return cluster;
    }

    public ActorRef<CoordinatorCommand> coordinator() {
        return coordinator;
    }

    @Override
    public void close() {
        beforeAgents.forEach(Runnable::run);
        cluster.close();
        agents.close();
        for (final AutoCloseable used : afterAgents) {
            try {
                used.close();
            } catch (final Exception failure) {
                LOG.warn("closing failed", failure);
            }
        }
        dataPlane.close();
        device.kernels().close();
        model.close();
    }
}
