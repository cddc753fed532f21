package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.coordinator.runtime.MemberListener;
import io.cheshire.expertnode.runtime.ExpertNode;
import io.cheshire.expertnode.runtime.ExpertNodeActor;
import io.cheshire.transport.protocol.NodeEndpoint;
import io.cheshire.transport.runtime.DataPlane;
import io.cheshire.transport.runtime.StartingIdentity;
import io.cheshire.transport.runtime.TransportConfig;
import io.cheshire.transport.runtime.aeron.Links;
import io.cheshire.transport.runtime.lifeline.LifelineServer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;

/** An expert node: its agent and its control-plane actor. Started by one thread; the agent group closes the agent. */
public final class ExpertNodeRole {
    private final ActorRef<ExpertNodeCommand> actor;
    private final ClusterSystem cluster;

    private ExpertNodeRole(final ActorRef<ExpertNodeCommand> actor, final ClusterSystem cluster) {
        this.actor = actor;
        this.cluster = cluster;
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
                ? LifelineServer.open(starting, 2 * transport.links().maxRouters())
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
        process.agents().add(node);
        final ClusterSystem cluster = process.cluster();
        final ActorRef<ExpertNodeCommand> actor = cluster.spawn(
                ExpertNodeActor.create(
                        new ExpertNodeActor.Identity(
                                model.fingerprint(), memoryLimitBytes, model.unitBytes(), failureDomain),
                        node,
                        process.coordinator(),
                        cluster.memberConfig(),
                        listener),
                "expert-node-" + nodeId);
        return new ExpertNodeRole(actor, cluster);
    }

    /** Asks to leave in order: the units are served elsewhere first. */
    public CompletionStage<?> leave(final String reason) {
        return cluster.leave(actor, reason);
    }
}
