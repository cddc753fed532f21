package io.cheshire.coordinator.protocol;

import io.cheshire.transport.protocol.NodeEndpoint;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** Everything that may be said to a router actor. */
public sealed interface RouterCommand extends ControlMessage {

    /** What a coordinator says; it carries no address, so a router's life takes it as it is. */
    sealed interface FromCoordinator extends RouterCommand {}

    /** From the coordinator: the router is a member. */
    record RouterAccepted(long publisher) implements FromCoordinator {}

    /** From the coordinator: the router may not join; {@code retry} says whether asking again later can help. */
    record RouterRefused(String reason, boolean retry) implements FromCoordinator {}

    /** From a coordinator that doesn't know the router. */
    record RegisterRouterAgain(String reason) implements FromCoordinator {}

    /**
     * A new epoch, with the endpoint of every node that it lists, from the coordinator of incarnation
     * {@code publisher}.
     */
    record PlacementPublished(Placement placement, List<NodeEndpoint> nodes, long publisher)
            implements FromCoordinator {
        public PlacementPublished {
            nodes = List.copyOf(nodes);
        }
    }

    /** Send a report at once, with this id. */
    record ReportNow(long refreshId) implements FromCoordinator {}

    /** From the coordinator: the router is no member any more; nobody waits for its acknowledgements. */
    record LeaveGranted(long epoch) implements FromCoordinator {}

    /** From the router's own process once its requests are finished. Answered when the router is stopped. */
    record Leave(String reason, ActorRef<Left> replyTo) implements RouterCommand {}
}
