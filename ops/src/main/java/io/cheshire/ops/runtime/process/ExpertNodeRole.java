package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.expertnode.core.NodeGlance;
import io.cheshire.expertnode.runtime.ExpertNode;
import io.cheshire.expertnode.runtime.ExpertNodeActor;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.aeron.Links;
import io.cheshire.transport.runtime.lifeline.LifelineServer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** An expert node: its agent and its control-plane actor. Started by one thread; the agent group closes the agent. */
public final class ExpertNodeRole {
    private static final Duration BUSY_INTERVAL = Duration.ofSeconds(2);
    /** Ten seconds. */
    private static final int BUSY_LOOKS = 5;

    private final ActorRef<ExpertNodeCommand> actor;
    private final ClusterSystem cluster;
    private final ExpertNode node;
    private final NodeWatch life;
    private final long memoryLimitBytes;
    private final String failureDomain;
    private final BusyWindow busy = new BusyWindow(BUSY_LOOKS);

    private ExpertNodeRole(
            final ActorRef<ExpertNodeCommand> actor,
            final ClusterSystem cluster,
            final ExpertNode node,
            final NodeWatch life,
            final long memoryLimitBytes,
            final String failureDomain) {
        this.actor = actor;
        this.cluster = cluster;
        this.node = node;
        this.life = life;
        this.memoryLimitBytes = memoryLimitBytes;
        this.failureDomain = failureDomain;
    }

    /**
     * Starts a node. The coordinator then tells it which units to load.
     *
     * @param process          what it stands on
     * @param nodeId           number of the node in the cluster
     * @param channel          Aeron channel on which it takes dispatches
     * @param failureDomain    what it shares with nodes that fail together with it; empty: nothing
     * @param memoryLimitBytes bytes it may fill with weights
     * @param loader           reads checkpoints; may block
     * @param listener         told of the node's life
     */
    public static ExpertNodeRole start(
            final MemberProcess process,
            final int nodeId,
            final String channel,
            final String failureDomain,
            final long memoryLimitBytes,
            final Executor loader,
            final MemberListener listener) {
        final ServedModel model = process.model();
        final DataPlane dataPlane = process.dataPlane();
        final TransportConfig transport = process.config().transport();
        final NodeEndpoint starting = StartingIdentity.node(nodeId, channel);
        final LifelineServer lifelines = transport.links().lifelines()
                ? LifelineServer.open(
                        starting,
                        transport.lifelinePort(channel),
                        2 * transport.links().maxRouters())
                : null;
        final NodeEndpoint endpoint = lifelines == null ? starting : lifelines.endpoint();
        final ExpertNode node = new ExpertNode(
                endpoint,
                dataPlane.call(() -> Links.ofNode(
                        dataPlane.aeron(),
                        endpoint,
                        model.identity(process.device().kernels()),
                        transport,
                        lifelines)),
                model.config(),
                model.precision(),
                process.device().kernels(),
                process.device().executor(),
                new CheckpointUnits(model.checkpoint()),
                loader,
                process.config().expertNode(),
                transport);
        node.tellsOfDevice(process.device()::health);
        process.agents().add(node);
        final ClusterSystem cluster = process.cluster();
        final NodeWatch life = new NodeWatch(nodeId);
        final ActorRef<ExpertNodeCommand> actor = cluster.spawn(
                ExpertNodeActor.create(
                        new ExpertNodeActor.Identity(
                                model.fingerprint(), memoryLimitBytes, model.unitBytes(), failureDomain),
                        node,
                        process.coordinator(),
                        cluster.memberConfig(),
                        listener,
                        life),
                "expert-node-" + nodeId);
        final ExpertNodeRole role = new ExpertNodeRole(actor, cluster, node, life, memoryLimitBytes, failureDomain);
        cluster.every(BUSY_INTERVAL, role::lookHowBusy);
        return role;
    }

    /** From now on the process says what its node does, and is ready when it serves. */
    public void showOn(final Operations operations, final MemberProcess process) {
        operations.shows("node", this::view);
        operations.readyWhen(this::notReady);
        NodeMeters.bind(
                operations.figures(),
                List.of(this),
                process.device().kernels().description(),
                process.config().ops().figures().units());
    }

    private void lookHowBusy() {
        busy.look(
                System.nanoTime(),
                node.loads().stream().mapToLong(UnitLoad::computeNs).sum());
    }

    /** Its number, as a label. */
    String id() {
        return Integer.toString(life.last().nodeId());
    }

    /** The failure domain that the node is in; empty: none is known. */
    String rack() {
        return failureDomain;
    }

    NodeGlance glance() {
        return life.last();
    }

    /** What it did since its start, unit by unit. */
    List<UnitLoad> loads() {
        return node.loads();
    }

    long residentBytes() {
        return node.residentBytes();
    }

    long memoryLimitBytes() {
        return memoryLimitBytes;
    }

    /** Share of the last ten seconds in which its kernels computed. */
    double busyRatio() {
        return busy.ratio();
    }

    /** Why the node doesn't serve all that it is to serve in a steady cluster; null while it does. */
    @Nullable
    String notReady() {
        final String why = cluster.notMember();
        return why == null ? life.last().notReady() : why;
    }

    /** What the node says of itself. */
    Map<String, Object> view() {
        final NodeGlance now = life.last();
        final Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", now.nodeId());
        view.put("state", now.state());
        view.put("reason", now.reason());
        view.put("epoch", now.epoch());
        view.put("publisher", now.publisher());
        view.put("failureDomain", rack());
        view.put("channel", node.endpoint().channel());
        view.put("residentBytes", node.residentBytes());
        view.put("memoryLimitBytes", memoryLimitBytes);
        view.put("units", now.held());
        view.put("loading", now.loading());
        view.put("freeing", now.freeing());
        return view;
    }

    /** Asks to leave in order: the units are served elsewhere first. */
    public CompletionStage<?> leave(final String reason) {
        return cluster.leave(actor, reason);
    }
}
