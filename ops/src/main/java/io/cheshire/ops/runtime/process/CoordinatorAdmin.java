package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.AdminReply;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.OperatorRequest;
import io.cheshire.coordinator.runtime.ClusterSystem;
import io.cheshire.http.core.console.ConsoleFacts;
import io.cheshire.http.runtime.ClusterAdmin;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;

/** Puts operators' requests to the coordinator, wherever it is. Safe from any thread. */
record CoordinatorAdmin(
        ClusterSystem cluster, ActorRef<CoordinatorCommand> coordinator, Duration timeout, ConsoleFacts facts)
        implements ClusterAdmin {
    /** Members that live report within milliseconds. */
    private static final Duration GLANCE = Duration.ofMillis(300);

    @Override
    public CompletionStage<?> state() {
        return cluster.refreshedClusterState(coordinator, timeout);
    }

    @Override
    public CompletionStage<?> glance() {
        return cluster.refreshedClusterState(coordinator, GLANCE);
    }

    @Override
    public CompletionStage<AdminReply> ask(final OperatorRequest request) {
        return cluster.administer(coordinator, request, timeout);
    }
}
