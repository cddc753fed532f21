package io.cheshire.router.core;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.core.Severity;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.coordinator.protocol.Placement;
import io.cheshire.coordinator.protocol.RouterHello;
import io.cheshire.transport.protocol.NodeEndpoint;
import java.time.Duration;
import java.util.List;

/** What a {@link RouterLife} wants done, in this order. */
public sealed interface RouterEffect {
    /** Introduce the router to the coordinator, with the address at which it is answered. */
    record Register(RouterHello hello) implements RouterEffect {}

    /** Tell the coordinator. */
    record Tell(CoordinatorCommand.OneWay message) implements RouterEffect {}

    /**
     * Send the coordinator a report, with the engine's counters.
     *
     * @param refreshId which request it answers, 0 when none
     * @param epoch     epoch acknowledged last, 0 before the first
     */
    record Report(long refreshId, NodeState state, long epoch) implements RouterEffect {}

    /**
     * Have the engine switch to a placement; {@link RouterInput.Applied} or {@link RouterInput.ApplyFailed} follows.
     *
     * @param offered its epoch, and who published it
     * @param nodes   every node that the placement names
     */
    record Apply(CommandFence offered, Placement placement, List<NodeEndpoint> nodes) implements RouterEffect {
        public Apply {
            nodes = List.copyOf(nodes);
        }
    }

    /** {@link RouterInput.LeaveExpired} is to follow after this time. */
    record StartLeaveTimer(Duration timeout) implements RouterEffect {}

    /** Say that the router went from one state to another. */
    record Transition(NodeState from, NodeState to, String reason) implements RouterEffect {}

    /** Write a line into the log. */
    record Log(Severity severity, String text) implements RouterEffect {}

    /** The life is over: say so to everybody who asked the router to leave. */
    record Stop(boolean inOrder) implements RouterEffect {}
}
