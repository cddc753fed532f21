package io.cheshire.coordinator.protocol;

import io.cheshire.model.protocol.ExpertKey;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** Everything that may be said to the coordinator. */
public sealed interface CoordinatorCommand extends ControlMessage {

    /** From an expert node that joins, or that the coordinator asked to introduce itself again. */
    record RegisterNode(NodeHello hello, ActorRef<ExpertNodeCommand> replyTo) implements CoordinatorCommand {}

    /** From an expert node: the unit is resident, verified and warm. */
    record UnitLoaded(int nodeId, long incarnation, HeldUnit unit) implements CoordinatorCommand {}

    /** From an expert node: the unit could not be loaded, and why, in words for people. */
    record UnitLoadFailed(int nodeId, long incarnation, ExpertKey key, String reason) implements CoordinatorCommand {}

    /** From an expert node: the unit's memory is free. */
    record UnitUnloaded(int nodeId, long incarnation, ExpertKey key) implements CoordinatorCommand {}

    /** From an expert node: what it read isn't what the unit must be, so it holds nothing of it. */
    record UnitDiffers(int nodeId, long incarnation, HeldUnit read) implements CoordinatorCommand {}

    /**
     * From an expert node: what its copy of the unit answered to a row drawn from a seed, or why it couldn't be asked.
     *
     * @param answerSha256 SHA-256 of the answer's bytes; empty where there is none
     * @param failure      why there is none, in words for people; empty where there is one
     */
    record UnitProbed(int nodeId, long incarnation, long probeId, ExpertKey key, String answerSha256, String failure)
            implements CoordinatorCommand {}

    /** From an expert node that obeys no command of an epoch below {@code epochSeen}: the sender is out of date. */
    record StaleCommand(int nodeId, long incarnation, long epochSeen) implements CoordinatorCommand {}

    /** From an expert node every second ({@code refreshId} 0) or as an answer to {@link ExpertNodeCommand.ReportNow}. */
    record NodeReported(NodeReport report, long refreshId, ActorRef<ExpertNodeCommand> replyTo)
            implements CoordinatorCommand {}

    /** From an expert node that wants to leave in order; answered by {@link ExpertNodeCommand.LeaveGranted}. */
    record NodeLeaving(int nodeId, long incarnation, String reason) implements CoordinatorCommand {}

    /** From a router that joins, or that the coordinator asked to introduce itself again. */
    record RegisterRouter(RouterHello hello, ActorRef<RouterCommand> replyTo) implements CoordinatorCommand {}

    /** From a router: no shard chosen under an older epoch is open any more. */
    record EpochAcknowledged(int routerId, long incarnation, long epoch, long publisher)
            implements CoordinatorCommand {}

    /**
     * From a router, again and again while it lasts: no node that {@code epoch} lists for these units answers it. A hint: it
     * makes the coordinator load the units elsewhere early, and never makes it take anything away.
     */
    record UnitUnavailable(int routerId, long incarnation, long epoch, List<ExpertKey> keys)
            implements CoordinatorCommand {
        public UnitUnavailable {
            keys = List.copyOf(keys);
        }
    }

    /** From a router every second ({@code refreshId} 0) or as an answer to {@link RouterCommand.ReportNow}. */
    record RouterReported(RouterReport report, long refreshId, ActorRef<RouterCommand> replyTo)
            implements CoordinatorCommand {}

    /** From a router that has finished its requests; answered by {@link RouterCommand.LeaveGranted}. */
    record RouterLeaving(int routerId, long incarnation, String reason) implements CoordinatorCommand {}

    /** From an operator: the unit belongs on node {@code to} instead of node {@code from}. */
    record MoveUnit(ExpertKey key, int from, int to, String reason, ActorRef<AdminReply> replyTo)
            implements CoordinatorCommand {}

    /** From an operator: each unit belongs on so many nodes, as far as memory goes. Forgotten with this coordinator. */
    record SetReplicas(int replicas, String reason, ActorRef<AdminReply> replyTo) implements CoordinatorCommand {}

    /** From an operator: balance the units over the nodes once, by the loads of late. */
    record RebalanceNow(String reason, ActorRef<AdminReply> replyTo) implements CoordinatorCommand {}

    /** From an operator: the node is to hold nothing, so that it may be stopped. Forgotten with this coordinator. */
    record DrainNode(int nodeId, String reason, ActorRef<AdminReply> replyTo) implements CoordinatorCommand {}

    /** From an operator: a drained node is back in use. */
    record UndrainNode(int nodeId, String reason, ActorRef<AdminReply> replyTo) implements CoordinatorCommand {}

    /** From somebody who knows that the node's process has ended: nobody needs to wait for the cluster to notice. */
    record DownNode(int nodeId, String reason, ActorRef<AdminReply> replyTo) implements CoordinatorCommand {}

    /** The cluster as last reported, at most one report interval old. */
    record GetClusterState(ActorRef<ClusterState> replyTo) implements CoordinatorCommand {}

    /** The cluster after every member was asked for a fresh report, or after {@code timeoutMs} without those still missing. */
    record RefreshClusterState(long timeoutMs, ActorRef<ClusterState> replyTo) implements CoordinatorCommand {}
}
