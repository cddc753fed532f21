package io.cheshire.coordinator.protocol;

import org.apache.pekko.actor.typed.ActorRef;

/** What the processes of a cluster ask each other, to find out whether they are in the same one. */
public sealed interface MembershipMessage extends ControlMessage {
    /**
     * "Am I a member in your eyes?" Answered by members of a cluster of that name alone.
     *
     * @param clusterName name of the asking process's cluster
     * @param address     address of the asking process in the control plane
     * @param uid         which start of its actor system
     * @param replyTo     gets {@link Known}
     */
    record DoYouKnowMe(String clusterName, String address, long uid, ActorRef<MembershipMessage> replyTo)
            implements MembershipMessage {}

    /**
     * The answer.
     *
     * @param isMember whether the asking process is a member in the eyes of the answering one
     * @param from     address of the answering process in the control plane
     * @param standing of the cluster that the answering process is in
     */
    record Known(boolean isMember, String from, ClusterStanding standing) implements MembershipMessage {}
}
