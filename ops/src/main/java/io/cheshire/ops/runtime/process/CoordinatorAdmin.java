package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.http.protocol.AdminRequest;
import io.cheshire.http.runtime.ClusterAdmin;
import io.cheshire.model.protocol.ExpertKey;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;

/** Puts operators' requests to the coordinator, wherever it is. Safe from any thread. */
record CoordinatorAdmin(ClusterSystem cluster, ActorRef<CoordinatorCommand> coordinator, Duration timeout)
        implements ClusterAdmin {
    @Override
    public CompletionStage<?> state() {
        return cluster.refreshedClusterState(coordinator, timeout);
    }

    @Override
    public CompletionStage<AdminReply> ask(final AdminRequest request) {
        return cluster.administer(coordinator, replyTo -> command(request, replyTo), timeout);
    }

    private static CoordinatorCommand command(final AdminRequest request, final ActorRef<AdminReply> replyTo) {
        return switch (request) {
            case AdminRequest.Move(
                    final int layer,
                    final int expert,
                    final int from,
                    final int to,
                    final String reason) ->
                new CoordinatorCommand.MoveUnit(new ExpertKey(layer, expert), from, to, reason, replyTo);
            case AdminRequest.Replicas(final int replicas, final String reason) ->
                new CoordinatorCommand.SetReplicas(replicas, reason, replyTo);
            case AdminRequest.Rebalance(final String reason) -> new CoordinatorCommand.RebalanceNow(reason, replyTo);
            case AdminRequest.Drain(final int node, final String reason) ->
                new CoordinatorCommand.DrainNode(node, reason, replyTo);
            case AdminRequest.Undrain(final int node, final String reason) ->
                new CoordinatorCommand.UndrainNode(node, reason, replyTo);
            case AdminRequest.Down(final int node, final String reason) ->
                new CoordinatorCommand.DownNode(node, reason, replyTo);
        };
    }
}
