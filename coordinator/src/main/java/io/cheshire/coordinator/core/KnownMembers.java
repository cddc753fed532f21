package io.cheshire.coordinator.core;

import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.coordinator.protocol.RouterReport;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The places behind the ids of the placement machine, and what was reported from there last. Used by one coordinator's
 * life alone; what it keeps is bounded by the machine's limits on members.
 *
 * @param <M> where a member can be reached
 */
final class KnownMembers<M> {
    private final SortedMap<Integer, KnownNode<M>> nodes = new TreeMap<>();
    private final SortedMap<Integer, KnownRouter<M>> routers = new TreeMap<>();

    static String nodeName(final int nodeId) {
        return "node " + nodeId;
    }

    static String routerName(final int routerId) {
        return "router " + routerId;
    }

    /** The node is a member from now on, and watched. */
    List<CoordinatorEffect<M>> join(final NodeHello hello, final M place) {
        final KnownNode<M> before = nodes.put(hello.nodeId(), new KnownNode<>(hello, place, null));
        return watch(
                before == null ? null : before.place(),
                place,
                new CoordinatorInput.NodeEnded<>(hello.nodeId(), hello.incarnation()));
    }

    /** The router is a member from now on, and watched. */
    List<CoordinatorEffect<M>> join(final RouterHello hello, final M place) {
        final KnownRouter<M> before = routers.put(hello.routerId(), new KnownRouter<>(hello, place, null));
        return watch(
                before == null ? null : before.place(),
                place,
                new CoordinatorInput.RouterEnded<>(hello.routerId(), hello.incarnation()));
    }

    private static <M> List<CoordinatorEffect<M>> watch(
            final @Nullable M before, final M place, final CoordinatorInput<M> ended) {
        final List<CoordinatorEffect<M>> effects = new ArrayList<>();
        if (!place.equals(before)) {
            if (before != null) {
                effects.add(new CoordinatorEffect.Unwatch<>(before));
            }
            effects.add(new CoordinatorEffect.Watch<>(place, ended));
        }
        return effects;
    }

    /** The node with this id, whichever start of it. */
    @Nullable
    KnownNode<M> node(final int nodeId) {
        return nodes.get(nodeId);
    }

    /** This start of the node, if it is a member. */
    @Nullable
    KnownNode<M> node(final int nodeId, final long incarnation) {
        final KnownNode<M> node = nodes.get(nodeId);
        return node != null && node.hello().incarnation() == incarnation ? node : null;
    }

    /** The router with this id, whichever start of it. */
    @Nullable
    KnownRouter<M> router(final int routerId) {
        return routers.get(routerId);
    }

    /** This start of the router, if it is a member. */
    @Nullable
    KnownRouter<M> router(final int routerId, final long incarnation) {
        final KnownRouter<M> router = routers.get(routerId);
        return router != null && router.hello().incarnation() == incarnation ? router : null;
    }

    /** Keeps the report; false when it comes from nobody known. */
    boolean reported(final NodeReport report, final M from) {
        final KnownNode<M> node = node(report.nodeId(), report.incarnation());
        if (node == null || !node.place().equals(from)) {
            return false;
        }
        nodes.put(report.nodeId(), new KnownNode<>(node.hello(), from, report));
        return true;
    }

    /** Keeps the report; false when it comes from nobody known. */
    boolean reported(final RouterReport report, final M from) {
        final KnownRouter<M> router = router(report.routerId(), report.incarnation());
        if (router == null || !router.place().equals(from)) {
            return false;
        }
        routers.put(report.routerId(), new KnownRouter<>(router.hello(), from, report));
        return true;
    }

    /** The node is a member no more. */
    void forget(final KnownNode<M> node) {
        nodes.remove(node.hello().nodeId(), node);
    }

    /** The router is a member no more. */
    void forget(final KnownRouter<M> router) {
        routers.remove(router.hello().routerId(), router);
    }

    List<KnownNode<M>> nodes() {
        return List.copyOf(nodes.values());
    }

    List<KnownRouter<M>> routers() {
        return List.copyOf(routers.values());
    }

    /** Names of all members, for people. */
    List<String> names() {
        final List<String> names = new ArrayList<>();
        nodes.keySet().forEach(nodeId -> names.add(nodeName(nodeId)));
        routers.keySet().forEach(routerId -> names.add(routerName(routerId)));
        return names;
    }
}
