package io.cheshire.coordinator.runtime;

import io.cheshire.coordinator.protocol.NodeState;

/** Is told where a member is in its life. Called by the member's actor: must not block. */
@FunctionalInterface
public interface MemberListener {
    /** Listens to nothing. */
    MemberListener NONE = (from, to, reason) -> {};

    /** The member went from one state to another; {@link NodeState#STOPPED} is final. */
    void onTransition(NodeState from, NodeState to, String reason);
}
