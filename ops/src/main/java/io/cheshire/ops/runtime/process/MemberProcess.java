package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What routers and expert nodes of this JVM stand on: model, device, data plane and control plane. Used by one thread.
 */
public final class MemberProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemberProcess.class);
    private static final long LEAVE_TIMEOUT_SECONDS = 60;

    private final ProcessConfig config;
    private final Instruments instruments;
    private final ServedModel model;
    private final AgentGroup agents;
    private final ComputeDevice device;
    private final DataPlane dataPlane;
    private final ClusterSystem cluster;
    private final ActorRef<CoordinatorCommand> coordinator;
    private final DeviceLoss loss;
    private final Deque<Runnable> beforeAgents = new ArrayDeque<>();
    private final Deque<AutoCloseable> afterAgents = new ArrayDeque<>();

    private MemberProcess(
            final ProcessConfig config,
            final Instruments instruments,
            final ServedModel model,
            final AgentGroup agents,
            final ComputeDevice device,
            final DataPlane dataPlane,
            final ClusterSystem cluster,
            final ActorRef<CoordinatorCommand> coordinator,
            final DeviceLoss loss) {
        this.config = config;
        this.instruments = instruments;
        this.model = model;
        this.agents = agents;
        this.device = device;
        this.dataPlane = dataPlane;
        this.cluster = cluster;
        this.coordinator = coordinator;
        this.loss = loss;
        loss.sayGoodbyeBy(this::vanish);
    }

    /** The parts of a process that forms a cluster with others; joining goes on in the background. */
    public static MemberProcess joining(final ProcessConfig config, final ClusterRole role, final Progress progress) {
        // A node has a link a router: further ones are refused by the driver where there is no room for them.
        final int links = role == ClusterRole.EXPERT_NODE ? 1 : config.nodes();
        return start(
                config,
                links,
                role == ClusterRole.EXPERT_NODE ? Hosted.EXPERTS : Hosted.ROUTER,
                progress,
                Instruments.NONE,
                () -> ClusterSystem.join(role, config.control()));
    }

    /** The parts of a process that is the whole cluster: no network, and its own media driver. */
    public static MemberProcess alone(final ProcessConfig config, final Progress progress) {
        return alone(config, progress, Instruments.NONE);
    }

    /** The same, its parts wrapped. */
    public static MemberProcess alone(
            final ProcessConfig config, final Progress progress, final Instruments instruments) {
        return start(
                config,
                config.nodes(),
                Hosted.BOTH,
                progress,
                instruments,
                () -> ClusterSystem.local(config.control()));
    }

    private static MemberProcess start(
            final ProcessConfig config,
            final int links,
            final Hosted hosted,
            final Progress progress,
            final Instruments instruments,
            final Supplier<ClusterSystem> controlPlane) {
        final Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            final ServedModel model = pushed(opened, ServedModel.open(config.model(), progress));
            final TransportConfig transport = config.transport();
            final AgentGroup agents = new AgentGroup(config.sharing(), transport.idle(), instruments);
            opened.push(agents);
            final DeviceLoss loss =
                    new DeviceLoss(new LossRecord(config.device().lossRecord()));
            final ComputeDevice device = ComputeDevice.open(config.device(), hosted, agents, instruments, loss);
            device.requireFit(model);
            LOG.info("experts' numerics: {}", device.kernels().expertNumerics(model.precision()));
            final DataPlane dataPlane = DataPlane.launch(transport, DataPlane.CHANNELS_PER_LINK * links);
            // Closed after the agents, which drive it: below them in the stack.
            opened.remove(agents);
            opened.push(dataPlane);
            opened.push(agents);
            if (transport.driver().mode() == TransportConfig.DriverMode.INVOKER) {
                agents.add(dataPlane);
            }
            final ClusterSystem cluster = pushed(opened, controlPlane.get());
            final ActorRef<CoordinatorCommand> coordinator = cluster.coordinator(model.placedModel());
            return new MemberProcess(config, instruments, model, agents, device, dataPlane, cluster, coordinator, loss);
        } catch (final RuntimeException | Error failure) {
            // The media driver's files are memory of the host: they must not outlive a start that failed.
            closeAll(opened);
            throw failure;
        }
    }

    private static <T extends AutoCloseable> T pushed(final Deque<AutoCloseable> opened, final T one) {
        opened.push(one);
        return one;
    }

    private static void closeAll(final Iterable<AutoCloseable> opened) {
        for (final AutoCloseable one : opened) {
            try {
                one.close();
            } catch (final Exception failure) {
                LOG.warn("closing failed", failure);
            }
        }
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

    /** From now on this process says what it serves, with what and where. */
    public void showOn(final Operations operations) {
        operations.shows("model", () -> MemberView.of(model));
        operations.shows("device", () -> MemberView.of(device, model, agents.sharing()));
        operations.shows("controlPlane", () -> MemberView.of(cluster));
        ProcessMeters.bind(operations.registry(), cluster);
        PacedMeters.bind(operations.figures(), device);
        GpuMeters.bind(operations.figures(), device.gpu());
    }

    /** Closes something after the agents have stopped using it. */
    public void closeAfterAgents(final AutoCloseable used) {
        afterAgents.push(used);
    }

    /** The configuration in force in this process. */
    public ProcessConfig config() {
        return config;
    }

    /** What wraps the parts of this process. */
    public Instruments instruments() {
        return instruments;
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

    /** Without the device, which isn't there any more: goodbye to routers, then to the cluster. Others take over. */
    private void vanish() {
        agents.close();
        dataPlane.close();
        cluster.close();
    }

    @Override
    public void close() {
        loss.awaitEndIfLost();
        beforeAgents.forEach(Runnable::run);
        cluster.close();
        agents.close();
        closeAll(afterAgents);
        dataPlane.close();
        device.close();
        model.close();
    }
}
