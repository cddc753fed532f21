package io.cheshire.ops.runtime.process;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.runtime.ClusterRole;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.model.runtime.checkpoint.Progress;
import io.cheshire.ops.runtime.Settings;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.TransportConfig;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What routers and expert nodes of this JVM stand on: model, device, data plane and control plane. Used by one thread. */
public final class MemberProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MemberProcess.class);
    private static final long LEAVE_TIMEOUT_SECONDS = 60;
    private static final String NODES = "cheshire.nodes";
    private static final String REPLICAS = "cheshire.coordinator.replicas";
    private static final String FRAME_MAC = "cheshire.transport.frame-mac";
    private static final String LANE_FILL = "cheshire.router.engine.lane-fill";

    private final Config config;
    private final Instruments instruments;
    private final ServedModel model;
    private final AgentGroup agents;
    private final ComputeDevice device;
    private final DataPlane dataPlane;
    private final ClusterSystem cluster;
    private final ActorRef<CoordinatorCommand> coordinator;
    private final Deque<Runnable> beforeAgents = new ArrayDeque<>();
    private final Deque<AutoCloseable> afterAgents = new ArrayDeque<>();

    private MemberProcess(
            final Config config,
            final Instruments instruments,
            final ServedModel model,
            final AgentGroup agents,
            final ComputeDevice device,
            final DataPlane dataPlane,
            final ClusterSystem cluster,
            final ActorRef<CoordinatorCommand> coordinator) {
        this.config = config;
        this.instruments = instruments;
        this.model = model;
        this.agents = agents;
        this.device = device;
        this.dataPlane = dataPlane;
        this.cluster = cluster;
        this.coordinator = coordinator;
    }

    /** The parts of a process that forms a cluster with others; joining goes on in the background. */
    public static MemberProcess joining(final Settings settings, final ClusterRole role, final Progress progress) {
        final Config config = settings.config();
        // A node has a link a router: further ones are refused by the driver where there is no room for them.
        final int links = role == ClusterRole.EXPERT_NODE ? 1 : config.getInt(NODES);
        return start(settings, config, links, progress, Instruments.NONE, () -> ClusterSystem.join(role, config));
    }

    /** The parts of a process that is the whole cluster: no network, and its own media driver. */
    public static MemberProcess alone(final Settings settings, final Progress progress) {
        return alone(settings, progress, Instruments.NONE);
    }

    /** The same, its parts wrapped. */
    public static MemberProcess alone(final Settings settings, final Progress progress, final Instruments instruments) {
        // The parts of one process agree by construction, whatever a file says.
        final Config config = ConfigFactory.parseMap(Map.of(
                        "cheshire.coordinator.expected-nodes",
                        settings.config().getInt(NODES),
                        REPLICAS,
                        // All nodes end with this process, so replicas would only cost memory: none unless asked for.
                        auto(settings.config(), REPLICAS, "1"),
                        "cheshire.transport.driver.mode",
                        sharing(settings.config()) == ThreadSharing.SHARED ? "invoker" : "thread",
                        "cheshire.transport.driver.directory",
                        "",
                        "cheshire.transport.lifelines",
                        "off",
                        FRAME_MAC,
                        auto(settings.config(), FRAME_MAC, "off"), // no frame leaves the process
                        LANE_FILL,
                        auto(settings.config(), LANE_FILL, "packed"))) // the one device is shared
                .withFallback(settings.config());
        return start(settings, config, config.getInt(NODES), progress, instruments, () -> ClusterSystem.local(config));
    }

    /** The setting, or what its word {@code auto} means for a process that is the whole cluster. */
    private static String auto(final Config config, final String path, final String meaning) {
        final String asked = config.getString(path);
        return asked.equals("auto") ? meaning : asked;
    }

    private static MemberProcess start(
            final Settings settings,
            final Config config,
            final int links,
            final Progress progress,
            final Instruments instruments,
            final Supplier<ClusterSystem> controlPlane) {
        final Deque<AutoCloseable> opened = new ArrayDeque<>();
        try {
            final ServedModel model = pushed(opened, ServedModel.open(settings, progress));
            final TransportConfig transport = TransportConfig.of(config);
            final AgentGroup agents = new AgentGroup(sharing(config), transport.idle(), instruments);
            opened.push(agents);
            final ComputeDevice device = ComputeDevice.open(config, agents, instruments);
            final DataPlane dataPlane = DataPlane.launch(transport, DataPlane.CHANNELS_PER_LINK * links);
            // Closed after the agents, which drive it: below them in the stack.
            opened.remove(agents);
            opened.push(dataPlane);
            opened.push(agents);
            if (transport.driverMode() == TransportConfig.DriverMode.INVOKER) {
                agents.add(dataPlane);
            }
            final ClusterSystem cluster = pushed(opened, controlPlane.get());
            final ActorRef<CoordinatorCommand> coordinator = cluster.coordinator(model.placedModel());
            return new MemberProcess(config, instruments, model, agents, device, dataPlane, cluster, coordinator);
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

    private static ThreadSharing sharing(final Config config) {
        return ThreadSharing.of(
                config.getString("cheshire.threads"), Runtime.getRuntime().availableProcessors());
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

    /** The configuration in force in this process. */
    public Config config() {
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

    @Override
    public void close() {
        beforeAgents.forEach(Runnable::run);
        cluster.close();
        agents.close();
        closeAll(afterAgents);
        dataPlane.close();
        device.kernels().close();
        model.close();
    }
}
