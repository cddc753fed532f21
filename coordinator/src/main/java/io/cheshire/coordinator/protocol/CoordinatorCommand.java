package io.cheshire.coordinator.protocol;

import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** Everything that may be said to the coordinator. */
public sealed interface CoordinatorCommand extends ControlMessage {

    /** Said without a way back: who says it is known by id and incarnation. */
    sealed interface OneWay extends CoordinatorCommand {}

    /** What a member says of itself, decided by the placement machine as it is. */
    sealed interface MemberFact extends OneWay, PlacementEvent {}

    /** From an expert node that joins, or that the coordinator asked to introduce itself again. */
    record RegisterNode(NodeHello hello, ActorRef<ExpertNodeCommand> replyTo) implements CoordinatorCommand {}

    /** From an expert node: the unit is resident, verified and warm. */
    record UnitLoaded(int nodeId, long incarnation, HeldUnit unit) implements MemberFact {}

    /** From an expert node: the unit could not be loaded, and why, in words for people. */
    record UnitLoadFailed(int nodeId, long incarnation, ExpertKey key, String reason) implements MemberFact {}

    /** From an expert node: the unit's memory is free. */
    record UnitUnloaded(int nodeId, long incarnation, ExpertKey key) implements MemberFact {}

    /** From an expert node: what it read isn't what the unit must be, so it holds nothing of it. */
    record UnitDiffers(int nodeId, long incarnation, HeldUnit read) implements MemberFact {}

    /**
     * From an expert node: what its copy of the unit answered to a row drawn from a seed, or why it couldn't be asked.
     *
     * @param answerSha256 SHA-256 of the answer's bytes; empty where there is none
     * @param failure      why there is none, in words for people; empty where there is one
     */
    record UnitProbed(int nodeId, long incarnation, long probeId, ExpertKey key, String answerSha256, String failure)
            implements MemberFact {}

    /** From an expert node that obeys no command of an epoch below {@code epochSeen}: the sender is out of date. */
    record StaleCommand(int nodeId, long incarnation, long epochSeen) implements OneWay {}

    /**
     * From an expert node every second ({@code refreshId} 0) or as an answer to {@link ExpertNodeCommand.ReportNow}.
     */
    record NodeReported(NodeReport report, long refreshId, ActorRef<ExpertNodeCommand> replyTo)
            implements CoordinatorCommand {}

    /** From an expert node that wants to leave in order; answered by {@link ExpertNodeCommand.LeaveGranted}. */
    record NodeLeaving(int nodeId, long incarnation, String reason) implements MemberFact {}

    /** From a router that joins, or that the coordinator asked to introduce itself again. */
    record RegisterRouter(RouterHello hello, ActorRef<RouterCommand> replyTo) implements CoordinatorCommand {}

    /** From a router: no shard chosen under an older epoch is open any more. */
    record EpochAcknowledged(int routerId, long incarnation, long epoch, long publisher) implements MemberFact {}

    /**
     * From a router, again and again while it lasts: no node that {@code epoch} lists for these units answers it. A
     * hint: it makes the coordinator load the units elsewhere early, and never makes it take anything away.
     */
    record UnitUnavailable(int routerId, long incarnation, long epoch, List<ExpertKey> keys) implements MemberFact {
        public UnitUnavailable {
            keys = List.copyOf(keys);
        }
    }

    /** From a router every second ({@code refreshId} 0) or as an answer to {@link RouterCommand.ReportNow}. */
    record RouterReported(RouterReport report, long refreshId, ActorRef<RouterCommand> replyTo)
            implements CoordinatorCommand {}

    /** From a router that has finished its requests; answered by {@link RouterCommand.LeaveGranted}. */
    record RouterLeaving(int routerId, long incarnation, String reason) implements OneWay {}

    /**
     * From an operator, or from somebody who speaks for one. Each kind of request has a name of its own on the wire,
     * and its fields lie beside {@code replyTo} there.
     */
    record Ask(OperatorRequest request, ActorRef<AdminReply> replyTo) implements CoordinatorCommand {}

    /** The cluster as last reported, at most one report interval old. */
    record GetClusterState(ActorRef<ClusterState> replyTo) implements CoordinatorCommand {}

    /**
     * The cluster after every member was asked for a fresh report, or after {@code timeoutMs} without those still
     * missing.
     */
    record RefreshClusterState(long timeoutMs, ActorRef<ClusterState> replyTo) implements CoordinatorCommand {}
}
