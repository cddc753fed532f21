package io.cheshire.expertnode.core;

import io.cheshire.coordinator.protocol.ExpertNodeCommand;
import io.cheshire.coordinator.protocol.HeldUnit;
import io.cheshire.model.protocol.ExpertKey;

/** What happens to a {@link NodeLife}. */
public sealed interface NodeInput {
    /** A coordinator says something. */
    record Told(ExpertNodeCommand.FromCoordinator command) implements NodeInput {}

    /** The node's own process, or an operator, wants it to leave in order. */
    record Leave(String reason) implements NodeInput {}

    /** The node has started, or it is time to say again what nobody has answered yet. */
    record RegisterDue() implements NodeInput {}

    /** It is time for a report. */
    record ReportDue() implements NodeInput {}

    /** The time that {@link NodeEffect.StartLeaveTimer} named is over. */
    record LeaveExpired() implements NodeInput {}

    /** A unit was read: what was asked for by {@link NodeEffect.Load}, or other bytes than it must be. */
    record Loaded(HeldUnit unit) implements NodeInput {}

    /** A unit could not be loaded, and why, in words for people. */
    record LoadFailed(ExpertKey key, String reason) implements NodeInput {}

    /** A unit's memory is free. */
    record Unloaded(ExpertKey key) implements NodeInput {}

    /** A unit could not be freed, and why, in words for people. */
    record UnloadFailed(ExpertKey key, String reason) implements NodeInput {}

    /**
     * A unit was asked for its answer to a row.
     *
     * @param answerSha256 SHA-256 of the answer's bytes; empty where there is none
     * @param failure      why there is none, in words for people; empty where there is one
     */
    record Probed(long probeId, ExpertKey key, String answerSha256, String failure) implements NodeInput {}

    /** What was queued before {@link NodeEffect.Drain} is answered. */
    record Drained() implements NodeInput {}

    /** Draining failed, and why, in words for people. */
    record DrainFailed(String reason) implements NodeInput {}
}
