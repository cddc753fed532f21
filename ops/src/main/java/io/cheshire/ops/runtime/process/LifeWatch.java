package io.cheshire.ops.runtime.process;

import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.runtime.MemberListener;
import java.util.Map;

/** Remembers where a member is in its life, and why. Written by its actor, read by any thread. */
final class LifeWatch implements MemberListener {
    private record Standing(NodeState state, String reason) {}

    private volatile Standing last = new Standing(NodeState.JOINING, "it has just started");

    @Override
    public void onTransition(final NodeState from, final NodeState to, final String reason) {
        last = new Standing(to, reason);
    }

    Map<String, Object> view() {
        final Standing now = last;
        return Map.of("state", now.state(), "reason", now.reason());
    }
}
