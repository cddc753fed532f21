package io.cheshire.coordinator.protocol;

import org.apache.pekko.actor.typed.ActorRef;

/** What the processes of a cluster ask each other, to find out whether they are in the same one. */
public sealed interface MembershipMessage extends ControlMessage {
    /**
     * "Am I a member in your eyes?"
     *
     * @param address address of the asking process in the control plane
     * @param uid     which start of its actor system
     * @param replyTo gets {@link Known}
     */
    record DoYouKnowMe(String address, long uid, ActorRef<MembershipMessage> replyTo) implements MembershipMessage {}

    /** The answer. */
    record Known(boolean isMember) implements MembershipMessage {}
}
