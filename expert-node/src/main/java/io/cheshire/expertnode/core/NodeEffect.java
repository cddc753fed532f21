package io.cheshire.expertnode.core;

import io.cheshire.coordinator.core.Severity;
import io.cheshire.coordinator.protocol.CoordinatorCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.coordinator.protocol.NodeHello;
import io.cheshire.coordinator.protocol.NodeState;
import io.cheshire.model.protocol.ExpertKey;
import java.time.Duration;
import java.util.List;

/** What a {@link NodeLife} wants done, in this order. */
public sealed interface NodeEffect {
    /** Introduce the node to the coordinator, with the address at which it is answered. */
    record Register(NodeHello hello) implements NodeEffect {}

    /** Tell the coordinator. */
    record Tell(CoordinatorCommand.OneWay message) implements NodeEffect {}

    /**
     * Send the coordinator a report, with the counters of whoever computes.
     *
     * @param refreshId which request it answers, 0 when none
     */
    record Report(long refreshId, NodeState state, List<HeldUnit> resident) implements NodeEffect {
        public Report {
            resident = List.copyOf(resident);
        }
    }

    /**
     * Load a unit; {@link NodeInput.Loaded} or {@link NodeInput.LoadFailed} follows.
     *
     * @param knownSha256 what it must be, or empty
     */
    record Load(ExpertKey key, String knownSha256) implements NodeEffect {}

    /** Free a unit; {@link NodeInput.Unloaded} or {@link NodeInput.UnloadFailed} follows. */
    record Unload(ExpertKey key) implements NodeEffect {}

    /** Have a unit answer the row that the seed draws; {@link NodeInput.Probed} follows. */
    record Probe(long probeId, ExpertKey key, long seed) implements NodeEffect {}

    /**
     * Take no further rows and answer those queued; {@link NodeInput.Drained} or {@link NodeInput.DrainFailed} follows.
     *
     * @param granted whether the coordinator said that no router uses the node any more
     */
    record Drain(boolean granted) implements NodeEffect {}

    /** {@link NodeInput.LeaveExpired} is to follow after this time, and not after an earlier one that still runs. */
    record StartLeaveTimer(Duration timeout) implements NodeEffect {}

    /** Say that the node went from one state to another. */
    record Transition(NodeState from, NodeState to, String reason) implements NodeEffect {}

    /** Write a line into the log. */
    record Log(Severity severity, String text) implements NodeEffect {}

    /** The life is over: say so to everybody who asked the node to leave. */
    record Stop(boolean inOrder) implements NodeEffect {}
}
