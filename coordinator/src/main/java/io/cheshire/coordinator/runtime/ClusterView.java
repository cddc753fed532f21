package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.core.CoordinatorLife;
import io.cheshire.coordinator.core.KnownNode;
import io.cheshire.coordinator.core.KnownRouter;
import io.cheshire.coordinator.core.PlacementRules;
import io.cheshire.coordinator.core.PlacementState;
import io.cheshire.coordinator.protocol.AnswerRows;
import io.cheshire.coordinator.protocol.ClusterEvent;
import io.cheshire.coordinator.protocol.ClusterState;
import io.cheshire.coordinator.protocol.NodeReport;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.RouterReport;
import io.cheshire.coordinator.protocol.UnitLoad;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** Puts what the machine decided and what members reported together. */
final class ClusterView {
    private ClusterView() {}

    static ClusterState of(
            final CoordinatorLife<ActorRef<?>> life,
            final List<ClusterEvent> events,
            final List<String> notFresh,
            final long nowNs) {
        final PlacementRules rules = life.rules();
        final PlacementState state = life.state();
        return new ClusterState(
                rules.clusterName(),
                rules.model().fingerprint(),
                state.phase().name(),
                state.placement().epoch(),
                rules.members().expectedNodes(),
                notFresh.isEmpty(),
                notFresh,
                state.placement(),
                state.unitsWithoutNode(),
                life.nodes().stream().map(node -> nodeView(state, node)).toList(),
                life.routers().stream().map(ClusterView::routerView).toList(),
                events,
                life.health(nowNs),
                state.sameness(),
                state.survival());
    }

    private static ClusterState.NodeView nodeView(final PlacementState state, final KnownNode<ActorRef<?>> node) {
        final NodeEndpoint endpoint = node.hello().endpoint();
        final NodeReport report = node.report();
        final List<UnitLoad> loads = report == null ? List.of() : report.loads();
        return new ClusterState.NodeView(
                endpoint.nodeId(),
                endpoint.incarnation(),
                stateOf(state.isLeaving(endpoint.nodeId()) || state.isDraining(endpoint.nodeId()), report),
                state.isUnused(endpoint.nodeId()),
                node.place().path().address().toString(),
                endpoint.channel(),
                endpoint.streamId(),
                state.residentOn(endpoint.nodeId()),
                state.loadingOn(endpoint.nodeId()),
                report == null ? 0 : report.residentBytes(),
                node.hello().memoryLimitBytes(),
                sum(loads, UnitLoad::rowsServed),
                sum(loads, UnitLoad::shardsServed),
                sum(loads, UnitLoad::queueNs),
                sum(loads, UnitLoad::computeNs),
                loads,
                node.hello().failureDomain(),
                report == null ? "" : report.deviceHealth());
    }

    private static ClusterState.RouterView routerView(final KnownRouter<ActorRef<?>> router) {
        final RouterReport report = router.report();
        return new ClusterState.RouterView(
                router.hello().routerId(),
                router.hello().incarnation(),
                report == null ? NodeState.LOADING : report.state(),
                router.place().path().address().toString(),
                report == null ? router.hello().epoch() : report.epoch(),
                report != null && report.ready(),
                report == null ? List.of() : report.rowsByLayer(),
                report == null ? AnswerRows.NONE : report.answerRows());
    }

    private static NodeState stateOf(final boolean leaving, final @Nullable NodeReport report) {
        if (leaving) {
            return NodeState.DRAINING;
        }
        return report == null ? NodeState.LOADING : report.state();
    }

    private static long sum(final List<UnitLoad> loads, final ToLongFunction<UnitLoad> figure) {
        return loads.stream().mapToLong(figure).sum();
    }
}
