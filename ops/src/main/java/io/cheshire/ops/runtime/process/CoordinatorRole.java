package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.runtime.ClusterSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** A process that may host the coordinator. */
public final class CoordinatorRole {
    private CoordinatorRole() {}

    /**
     * Starts the coordinator, or what reaches it wherever it is, and shows it.
     *
     * @param model      that the cluster serves
     * @param cluster    of this process
     * @param operations of this process
     */
    public static void start(final ServedModel model, final ClusterSystem cluster, final Operations operations) {
        final ActorRef<CoordinatorCommand> coordinator = cluster.coordinator(model.placedModel());
        operations.shows("model", () -> MemberView.of(model));
        operations.shows("controlPlane", () -> MemberView.of(cluster));
        ProcessMeters.bind(operations.registry(), cluster);
        ClusterMeters.bind(operations, cluster, coordinator, model.config().layerCount());
        operations.readyWhen(() -> notReady(cluster));
    }

    /** One that stands by has nothing else to do; the one at work must have heard its members. */
    private static @Nullable String notReady(final ClusterSystem cluster) {
        final String why = cluster.notMember();
        return why == null ? cluster.hosted().notReady() : why;
    }
}
