package io.cheshire.router.core;

import io.cheshire.coordinator.core.CommandFence;
import io.cheshire.coordinator.protocol.RouterCommand;

/** What happens to a {@link RouterLife}. */
public sealed interface RouterInput {
    /** A coordinator says something. */
    record Told(RouterCommand.FromCoordinator command) implements RouterInput {}

    /** The router's own process, whose requests are finished, wants it to leave. */
    record Leave(String reason) implements RouterInput {}

    /** The router has started, or it is time to say again what nobody has answered yet. */
    record RegisterDue() implements RouterInput {}

    /** It is time for a report. */
    record ReportDue() implements RouterInput {}

    /** The time that {@link RouterEffect.StartLeaveTimer} named is over. */
    record LeaveExpired() implements RouterInput {}

    /** Which units nobody answers for, as of now; looked at many times a second. */
    record Looked(PlacementTarget.Unanswered now) implements RouterInput {}

    /** The engine uses this placement, and no shard chosen under an older one is open. */
    record Applied(CommandFence placement) implements RouterInput {}

    /** The engine could not switch to this placement, and why, in words for people. */
    record ApplyFailed(CommandFence placement, String reason) implements RouterInput {}
}
