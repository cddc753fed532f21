package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.PlacementEffect;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.RouterCommand;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;

/**
 * The actors behind the ids of the placement machine, and what they reported last. Watches them. Used by the coordinator's
 * actor alone. What it keeps is bounded by the machine's limits on members.
 */
final class Members {
    /** A node's actor; {@code report} is null before the first report. */
    record Node(
            NodeHello hello,
            ActorRef<ExpertNodeCommand> actor,
            @Nullable NodeReport report) {}

    /** A router's actor; {@code report} is null before the first report. */
    record Router(
            RouterHello hello,
            ActorRef<RouterCommand> actor,
            @Nullable RouterReport report) {}

    private final ActorContext<CoordinatorActor.Message> context;
    private final SortedMap<Integer, Node> nodes = new TreeMap<>();
    private final SortedMap<Integer, Router> routers = new TreeMap<>();
    private CoordinatorCommand.@Nullable RegisterNode registeringNode;
    private CoordinatorCommand.@Nullable RegisterRouter registeringRouter;

    Members(final ActorContext<CoordinatorActor.Message> context) {
        this.context = context;
    }

    static String nodeName(final int nodeId) {
        return "node " + nodeId;
    }

    static String routerName(final int routerId) {
        return "router " + routerId;
    }

    /** The registration about which the machine is asked next. */
    void registering(final CoordinatorCommand.RegisterNode register) {
        registeringNode = register;
    }

    /** The registration about which the machine is asked next. */
    void registering(final CoordinatorCommand.RegisterRouter register) {
        registeringRouter = register;
    }

    void acceptNode(final int nodeId, final long incarnation, final long publisher, final long epoch) {
        final CoordinatorCommand.RegisterNode register = registeringNode;
        if (register == null) {
            throw new IllegalStateException("node " + nodeId + " accepted without a registration");
        }
        final Node before = nodes.get(nodeId);
        if (before == null || !before.actor().equals(register.replyTo())) {
            if (before != null) {
                context.unwatch(before.actor());
            }
            context.watchWith(
                    register.replyTo(), new CoordinatorActor.NodeEnded(nodeId, incarnation, register.replyTo()));
        }
        nodes.put(nodeId, new Node(register.hello(), register.replyTo(), null));
        register.replyTo().tell(new ExpertNodeCommand.NodeAccepted(publisher, epoch));
    }

    void refuseNode(final PlacementEffect.RefuseNode refusal) {
        if (registeringNode != null) {
            registeringNode.replyTo().tell(new ExpertNodeCommand.NodeRefused(refusal.reason(), refusal.retry()));
        }
    }

    void acceptRouter(final int routerId, final long incarnation, final long publisher) {
        final CoordinatorCommand.RegisterRouter register = registeringRouter;
        if (register == null) {
            throw new IllegalStateException("router " + routerId + " accepted without a registration");
        }
        final Router before = routers.get(routerId);
        if (before == null || !before.actor().equals(register.replyTo())) {
            if (before != null) {
                context.unwatch(before.actor());
            }
            context.watchWith(
                    register.replyTo(), new CoordinatorActor.RouterEnded(routerId, incarnation, register.replyTo()));
        }
        routers.put(routerId, new Router(register.hello(), register.replyTo(), null));
        register.replyTo().tell(new RouterCommand.RouterAccepted(publisher));
    }

    void refuseRouter(final PlacementEffect.RefuseRouter refusal) {
        if (registeringRouter != null) {
            registeringRouter.replyTo().tell(new RouterCommand.RouterRefused(refusal.reason(), refusal.retry()));
        }
    }

    boolean knowsNode(final int nodeId, final long incarnation) {
        final Node node = nodes.get(nodeId);
        return node != null && node.hello().incarnation() == incarnation;
    }

    /** The actor of a node that is known. */
    ActorRef<ExpertNodeCommand> actorOf(final int nodeId) {
        return Objects.requireNonNull(nodes.get(nodeId)).actor();
    }

    @Nullable
    Node node(final int nodeId) {
        return nodes.get(nodeId);
    }

    /** Forgets the node and what happens to its actor. */
    void forget(final Node node) {
        context.unwatch(node.actor());
        nodes.remove(node.hello().nodeId());
    }

    /** Keeps the report; false when it comes from nobody known. */
    boolean reported(final NodeReport report, final ActorRef<ExpertNodeCommand> from) {
        final Node node = nodes.get(report.nodeId());
        if (node == null
                || node.hello().incarnation() != report.incarnation()
                || !node.actor().equals(from)) {
            return false;
        }
        nodes.put(report.nodeId(), new Node(node.hello(), node.actor(), report));
        return true;
    }

    /** Keeps the report; false when it comes from nobody known. */
    boolean reported(final RouterReport report, final ActorRef<RouterCommand> from) {
        final Router router = routers.get(report.routerId());
        if (router == null
                || router.hello().incarnation() != report.incarnation()
                || !router.actor().equals(from)) {
            return false;
        }
        routers.put(report.routerId(), new Router(router.hello(), router.actor(), report));
        return true;
    }

    /** Forgets the node; false when it was another one. */
    boolean nodeEnded(final CoordinatorActor.NodeEnded ended) {
        return knowsNode(ended.nodeId(), ended.incarnation()) && nodes.remove(ended.nodeId()) != null;
    }

    /** Forgets the router; false when it was another one. */
    boolean routerEnded(final CoordinatorActor.RouterEnded ended) {
        final Router router = routers.get(ended.routerId());
        return router != null
                && router.hello().incarnation() == ended.incarnation()
                && routers.remove(ended.routerId()) != null;
    }

    /** Forgets the router and tells it so. */
    void routerLeft(final int routerId, final long incarnation, final long epoch) {
        final Router router = routers.get(routerId);
        if (router != null && router.hello().incarnation() == incarnation) {
            routers.remove(routerId);
            context.unwatch(router.actor());
            router.actor().tell(new RouterCommand.LeaveGranted(epoch));
        }
    }

    void tellNode(final int nodeId, final ExpertNodeCommand command) {
        final Node node = nodes.get(nodeId);
        if (node != null) {
            node.actor().tell(command);
        }
    }

    void tellRouter(final int routerId, final RouterCommand command) {
        final Router router = routers.get(routerId);
        if (router != null) {
            router.actor().tell(command);
        }
    }

    List<Node> nodes() {
        return List.copyOf(nodes.values());
    }

    List<Router> routers() {
        return List.copyOf(routers.values());
    }

    /** Asks every member for a report; returns the names of those asked. */
    List<String> askAll(final long refreshId) {
        final List<String> asked = new ArrayList<>();
        nodes.forEach((nodeId, node) -> {
            node.actor().tell(new ExpertNodeCommand.ReportNow(refreshId));
            asked.add(nodeName(nodeId));
        });
        routers.forEach((routerId, router) -> {
            router.actor().tell(new RouterCommand.ReportNow(refreshId));
            asked.add(routerName(routerId));
        });
        return asked;
    }
}
